/** How the API server is spoken to by all parts of the controller alike. */
package dev.custos.controller.api;
