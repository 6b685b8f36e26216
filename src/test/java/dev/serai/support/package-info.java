/** The other sides that tests play, and what runs the program for them. May import all of it. */
package dev.serai.support;
