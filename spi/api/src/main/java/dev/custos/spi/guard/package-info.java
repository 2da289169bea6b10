/** Guarding: deciding about an access before it happens. */
package dev.custos.spi.guard;
