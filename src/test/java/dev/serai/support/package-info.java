/** Simulated sources and targets, and the code that starts the program in tests. It may import all packages. */
package dev.serai.support;
