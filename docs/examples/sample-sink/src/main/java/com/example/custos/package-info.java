/** A sample sink: events as lines of a file that is rotated by size. */
package com.example.custos;
