/**
 * Linux system calls with Java meaning, shared by the agent and its plugins.
 *
 * <p>{@link dev.custos.linux.LibcLibrary} names the calls as the man pages do and is the one place
 * where raw numbers are seen; everything else here turns them into values and exceptions that name
 * the call, its argument and the errno. Nothing here keeps state between threads, except for a
 * descriptor, which is closed once however often it is asked to.
 */
package dev.custos.linux;
