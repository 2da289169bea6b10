/** Scanning: comparing files with what is known of them, from time to time. */
package dev.custos.spi.scan;
