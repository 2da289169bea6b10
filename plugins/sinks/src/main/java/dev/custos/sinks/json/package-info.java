/**
 * Events as JSON, one to a line, in the one schema that {@code docs/json.md} describes. Shared by
 * every sink that has {@code format = json}.
 */
package dev.custos.sinks.json;
