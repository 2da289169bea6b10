/** How the controller's parts are put together, started and stopped. */
package dev.custos.controller;
