/**
 * Puts the agent together by constructors, starts it, and stops it in reverse order. Settings come
 * from here too.
 */
package dev.custos.agent.bootstrap;
