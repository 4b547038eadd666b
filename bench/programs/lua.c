// Lua with a program inside: `run` makes a state, runs the script and closes the state. The script raises no error and
// has no coroutine, so that Lua needs no longjmp (programs.js defines it away).
#include <stdint.h>
#include "lauxlib.h"
#include "lualib.h"

static const char script[] =
    "local random = 12345\n"
    "local function next(n) random = (random * 1103515245 + 12345) % 2147483648; return random % n + 1 end\n"
    // Objects and methods, a graph of them with part of it replaced all the time.
    "local Node = {}; Node.__index = Node\n"
    "function Node.new(i) return setmetatable({ id = i, name = 'node' .. i, edges = {} }, Node) end\n"
    "function Node:link(other) self.edges[#self.edges + 1] = other end\n"
    "local nodes = {}\n"
    "for i = 1, 20000 do nodes[i] = Node.new(i) end\n"
    "for i = 1, 60000 do nodes[next(20000)]:link(nodes[next(20000)]) end\n"
    "for i = 1, 40000 do nodes[next(20000)] = Node.new(i) end\n"
    // Words: a text is put together, taken apart and counted.
    "local words, counts = {}, {}\n"
    "for i = 1, 30000 do words[i] = string.format('%x', next(4000)) end\n"
    "for word in table.concat(words, ' '):gmatch('%w+') do counts[word] = (counts[word] or 0) + 1 end\n"
    "local keys = {}\n"
    "for word in pairs(counts) do keys[#keys + 1] = word:upper() .. ':' .. counts[word:lower()] end\n"
    "table.sort(keys)\n"
    // Closures and short-lived tuples.
    "local function compose(f, g) return function(x) return f(g(x)) end end\n"
    "local total = 0\n"
    "for i = 1, 60000 do\n"
    "  local pair = { i, i + 1 }\n"
    "  total = total + compose(function(x) return x + pair[1] end, function(x) return x * pair[2] end)(2) % 7\n"
    "end\n"
    // A string that grows piece by piece.
    "local line = ''\n"
    "for i = 1, 3000 do line = line .. string.char(65 + i % 26) if #line > 600 then line = '' end end\n"
    "return #keys + total % 1000 + #line\n";

__attribute__((export_name("run"))) uint32_t run(void) {
  lua_State *state = luaL_newstate();
  luaL_requiref(state, "_G", luaopen_base, 1);
  luaL_requiref(state, "table", luaopen_table, 1);
  luaL_requiref(state, "string", luaopen_string, 1);
  lua_settop(state, 0);
  uint32_t result = luaL_dostring(state, script) ? 0 : (uint32_t)lua_tonumber(state, -1);
  lua_close(state);
  return result;
}
