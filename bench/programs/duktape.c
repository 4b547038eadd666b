// Duktape, an engine for JavaScript, with a script inside: `run` makes a heap, runs the script and destroys the heap.
#include <stdint.h>
#include "duktape.h"

static const char script[] =
    "var random = 12345;\n"
    "function next(n) { random = (random * 1103515245 + 12345) % 2147483648; return random % n; }\n"
    // Objects with a prototype, in a graph of which a part is replaced.
    "function Node(id) { this.id = id; this.name = 'node' + id; this.edges = []; }\n"
    "Node.prototype.link = function (other) { this.edges.push(other.id); };\n"
    "var nodes = [];\n"
    "for (var i = 0; i < 4000; i++) nodes.push(new Node(i));\n"
    "for (i = 0; i < 12000; i++) nodes[next(4000)].link(nodes[next(4000)]);\n"
    "for (i = 0; i < 6000; i++) nodes[next(4000)] = new Node(i);\n"
    // Text: JSON there and back, words counted, a string put together.
    "var text = JSON.stringify(nodes);\n"
    "var again = JSON.parse(text);\n"
    "var counts = {};\n"
    "text.replace(/[a-z]+[0-9]+/g, function (word) { counts[word] = (counts[word] || 0) + 1; return ''; });\n"
    "var keys = Object.keys(counts).sort();\n"
    // Closures and arrays that live for a moment.
    "var total = 0;\n"
    "for (i = 0; i < 6000; i++)\n"
    "  total += [i, i + 1, i + 2].map(function (x) { return { value: x * 2 }; }).filter(function (o) { return o.value % 3; }).length;\n"
    "keys.length + total + again.length + text.length;\n";

__attribute__((export_name("run"))) uint32_t run(void) {
  duk_context *context = duk_create_heap_default();
  if (duk_peval_string(context, script)) return 0;
  uint32_t result = duk_get_uint(context, -1);
  duk_destroy_heap(context);
  return result;
}
