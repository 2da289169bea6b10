/** The command line of {@code custos-controller}. */
package dev.custos.controller.cli;
