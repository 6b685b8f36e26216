package dev.serai.cli;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A node's answer.
 *
 * @param text the JSON as it came
 */
record NodeAnswer(String text, JsonNode node) {}
