// cmark, the reference parser of CommonMark, with a text inside: `run` writes the text, parses it to a tree, counts and
// changes nodes, renders the tree as HTML and as CommonMark, and frees all.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cmark.h"

enum { SECTIONS = 900, SECTION_BYTES = 1200 };

static uint32_t next(uint32_t *random, uint32_t below) {
  *random = *random * 1103515245 + 12345;
  return (*random >> 16) % below;
}

static size_t section(char *out, uint32_t *random, uint32_t number) {
  static const char *const words[] = {"heap", "*block*", "**chunk**", "`free`", "[page](/pages \"64 KiB\")", "allocation",
                                      "of", "the", "&amp;", "run_time", "<https://example.org>", "![bin](bin.png)"};
  char *start = out;
  out += sprintf(out, "%.*s Section %u\n\n", 1 + (int)next(random, 3), "###", number);
  for (uint32_t count = 20 + next(random, 40), i = 0; i < count; i++)
    out += sprintf(out, "%s%s", words[next(random, sizeof words / sizeof *words)], i % 11 == 10 ? "\n" : " ");
  out += sprintf(out, "\n\n");
  for (uint32_t count = next(random, 6), i = 0; i < count; i++)
    out += sprintf(out, "%s item *%u*\n%s", i % 2 ? "  -" : "-", i, i % 3 ? "" : "\n");
  if (next(random, 3) == 0) out += sprintf(out, "\n> quoted %u\n> twice\n\n", number);
  if (next(random, 4) == 0) out += sprintf(out, "\n```c\nint n%u = %u;\n```\n\n", number, next(random, 1000));
  return (size_t)(out + sprintf(out, "\n[ref%u]: /section/%u 'a title'\n\n", number, number) - start);
}

static uint32_t visit(cmark_node *root) {
  uint32_t nodes = 0;
  cmark_iter *iterator = cmark_iter_new(root);
  for (cmark_event_type event; (event = cmark_iter_next(iterator)) != CMARK_EVENT_DONE;) {
    cmark_node *node = cmark_iter_get_node(iterator);
    nodes++;
    if (event == CMARK_EVENT_ENTER && cmark_node_get_type(node) == CMARK_NODE_TEXT && nodes % 7 == 0) cmark_node_set_literal(node, "replaced by a longer text");
  }
  cmark_iter_free(iterator);
  return nodes;
}

static uint32_t measure(char *rendered) {
  uint32_t length = (uint32_t)strlen(rendered);
  free(rendered);
  return length;
}

__attribute__((export_name("run"))) uint32_t run(void) {
  char *text = malloc(SECTIONS * SECTION_BYTES), *end = text;
  uint32_t random = 1;
  for (uint32_t i = 0; i < SECTIONS; i++) end += section(end, &random, i);
  cmark_node *root = cmark_parse_document(text, (size_t)(end - text), CMARK_OPT_DEFAULT);
  uint32_t answer = visit(root);
  answer = answer * 31 + measure(cmark_render_html(root, CMARK_OPT_DEFAULT));
  answer = answer * 31 + measure(cmark_render_commonmark(root, CMARK_OPT_DEFAULT, 80));
  cmark_node_free(root);
  free(text);
  return answer;
}
