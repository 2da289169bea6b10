/** Reading a sink's part of the configuration, with errors that name the key and the way out. */
package dev.custos.sinks.config;
