/**
 * Who is at either end of an agent's stream: the controller's certificate, and the agent's token.
 *
 * <p>Threads: reviews and the care for certificates have threads of their own, because both wait
 * for the API server. {@link dev.custos.controller.identity.AgentPods} is told by the informers'
 * threads and asked by any.
 */
package dev.custos.controller.identity;
