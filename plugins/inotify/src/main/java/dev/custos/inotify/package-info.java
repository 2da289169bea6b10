/**
 * Watches files with inotify(7).
 *
 * <p>One {@link dev.custos.inotify.Instance} is one inotify descriptor and everything that is known
 * of what it watches, served by one thread at a time: no other class here is touched by a second
 * one meanwhile, so none has a lock. Work from outside is handed to that thread. While nothing
 * happens it may be none: see {@link dev.custos.inotify.Crew}.
 *
 * <p>The words: a <em>watch descriptor</em> (wd) is the kernel's name for one inode of one
 * instance. A <em>subscription</em> is one path of one subject. A <em>place</em> is one directory
 * or file as one subscription sees it; several places share a wd where several subscriptions, hard
 * links or bind mounts meet in an inode. An <em>anchor</em> is a place on a directory that a
 * subscription's path runs through: it reports nothing and only waits for one name to appear,
 * vanish or be replaced.
 *
 * <p>How the picture is kept true: a directory is watched <em>before</em> it is listed, so whatever
 * changes later is in the queue. Events replay the past, while system calls show the present;
 * therefore a structural event is checked against the kernel before it is believed, and a wd tells
 * whether two paths are the same directory.
 */
package dev.custos.inotify;
