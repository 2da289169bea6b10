/**
 * Guards files with the permission events of fanotify(7).
 *
 * <p>Each target has a fanotify group and a reader thread of its own. Four kinds of threads meet
 * here, and each piece of state belongs to one of them:
 *
 * <ul>
 *   <li>The host's threads, in {@link dev.custos.fanotify.TargetGuard}: they open paths, place
 *       marks and hand over a new {@link dev.custos.fanotify.RuleTable}, which never changes
 *       afterwards.
 *   <li>A target's reader, in {@link dev.custos.fanotify.Responder}: it reads events, decides by
 *       the table, answers, and notes what it answered in a {@link
 *       dev.custos.fanotify.DecisionLog}. Somebody's {@code open} waits for it, so it takes no
 *       lock, writes no log and loads no class: a class loader may itself be waiting for this
 *       thread's answer.
 *   <li>One {@link dev.custos.fanotify.Supervisor} for all targets: it sees where a reader is stuck
 *       in the kernel, removes the marks and has stand-ins answer what is queued.
 *   <li>One publisher for all targets: it makes events of the notes. Whatever a host does in {@code
 *       publish} happens here, after the answer.
 * </ul>
 */
package dev.custos.fanotify;
