/**
 * The resources that users write, as plain values, read from YAML or made by the controller from
 * custom resources.
 */
package dev.custos.manifest;
