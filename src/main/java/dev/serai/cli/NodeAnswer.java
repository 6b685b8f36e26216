package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A node's answer.
 *
 * @param text the JSON, fit for a terminal
 */
record NodeAnswer(String text, JsonNode node) {}
