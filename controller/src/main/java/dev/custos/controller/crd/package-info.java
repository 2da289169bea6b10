/**
 * The custom resources as the API server knows them: their types over the specs of {@link
 * dev.custos.manifest}, and the definitions that make the server refuse what can never work.
 */
package dev.custos.controller.crd;
