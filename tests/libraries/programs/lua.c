/* Lua: a script with tables, strings, closures and a sort, and the collector at its own pace. A host without files gives Lua
   none; without setjmp an error of the script is a trap, and there are no coroutines. */
#include "output.h"
#include "lua.h"
#include "lauxlib.h"
#include "lualib.h"

/* What lauxlib.c reads scripts from files with, and what lmathlib.c and ltablib.c take chance from. */
FILE* fopen(const char* path, const char* mode) { (void)path; (void)mode; return 0; }
FILE* freopen(const char* path, const char* mode, FILE* file) { (void)path; (void)mode; (void)file; return 0; }
int getc(FILE* file) { (void)file; return EOF; }
size_t fread(void* into, size_t size, size_t count, FILE* file) { (void)into; (void)size; (void)count; (void)file; return 0; }
int fclose(FILE* file) { (void)file; return 0; }
int ferror(FILE* file) { (void)file; return 0; }
int feof(FILE* file) { (void)file; return 1; }
long long time(long long* into) { (void)into; return 0; }
long long clock(void) { return 0; }

static const char script[] =
  "local words = {}\n"
  "for i = 1, 30000 do words[i] = ('%x'):format(i * 2654435761 % 2^32) .. '-' .. i end\n"
  "table.sort(words)\n"
  "print(#words, words[1], words[15000], words[30000])\n"
  "local counts = {}\n"
  "for _, word in ipairs(words) do local key = word:sub(1, 2); counts[key] = (counts[key] or 0) + 1 end\n"
  "local keys = {}\n"
  "for key in pairs(counts) do keys[#keys + 1] = key end\n"
  "table.sort(keys)\n"
  "print(#keys, keys[1], counts[keys[1]])\n"
  "local function primes(limit)\n"
  "  local composite, n = {}, 1\n"
  "  return function()\n"
  "    repeat n = n + 1 until not composite[n]\n"
  "    for m = n * n, limit, n do composite[m] = true end\n"
  "    return n <= limit and n or nil\n"
  "  end\n"
  "end\n"
  "local sum = 0\n"
  "for prime in primes(50000) do sum = sum + prime end\n"
  "print('sum of primes', sum)\n"
  "local text = table.concat(words, ' ')\n"
  "print(#text, select(2, text:gsub('%d+', '')), text:find('ffff', 1, true) ~= nil)\n"
  "local closures = {}\n"
  "for i = 1, 20000 do closures[i] = function(x) return x + i end end\n"
  "print(closures[1](1) + closures[20000](1), math.type(1), 7 // 2, 2^0.5)\n"
  "words, counts, closures = nil, nil, nil\n"
  "collectgarbage() print(collectgarbage('count') < 3000)\n";

void run(void) {
  lua_State* state = luaL_newstate();
  luaL_requiref(state, "_G", luaopen_base, 1);
  luaL_requiref(state, "table", luaopen_table, 1);
  luaL_requiref(state, "string", luaopen_string, 1);
  luaL_requiref(state, "math", luaopen_math, 1);
  lua_settop(state, 0);
  if (luaL_loadstring(state, script) != LUA_OK || lua_pcall(state, 0, 0, 0) != LUA_OK) printf("%s\n", lua_tostring(state, -1));
  lua_close(state);
}
