/** Opens the targets that plans apply to. */
package dev.custos.agent.container;
