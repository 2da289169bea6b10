/**
 * Which of the controller's replicas serves the agents. Everything else is the same in all of them:
 * the others list and watch the cluster too, so that each can take over at once.
 */
package dev.custos.controller.election;
