/** From what agents report to what the resources' statuses say: reports only, never intentions. */
package dev.custos.controller.status;
