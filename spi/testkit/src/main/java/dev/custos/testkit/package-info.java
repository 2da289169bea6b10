/**
 * Contract tests that hold a plugin to the promises of the SPI, and the fakes they stand on.
 *
 * <p>A plugin's test extends a contract and supplies what is its own: the provider, and how to make
 * a target or read back what a sink wrote. Every test of a contract names the promise that it
 * checks. The fakes take the host's place: nothing in them sleeps, and time moves by hand.
 */
package dev.custos.testkit;
