package dev.custos.controller.identity;

import java.time.Instant;

/**
 * An agent that has proved itself.
 *
 * @param node where its pod runs, as the API server says
 * @param podUid of its pod
 * @param pod that pod's name
 * @param expires until when its token holds
 */
public record AgentIdentity(String node, String podUid, String pod, Instant expires) {}
