// SQLite with a program inside: `run` opens a database in memory, fills it, asks it, changes it and closes it.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "sqlite3.h"

static const char script[] =
    "CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT, city TEXT, score REAL);"
    "CREATE INDEX person_city ON person(city, score);"
    "CREATE TABLE visit(person INTEGER, day INTEGER, note TEXT);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)"
    "  INSERT INTO person SELECT i, 'name ' || hex(i * 7919 % 10007), 'city ' || (i * 31 % 97), i * 1.5 FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
    "  INSERT INTO visit SELECT i * 17 % 12000, i % 365, substr('abcdefghijklmnopqrstuvwxyz', i % 20, i % 13) || i FROM n;"
    "CREATE INDEX visit_person ON visit(person);"
    "SELECT city, count(*), avg(score), group_concat(substr(name, 6)) FROM person GROUP BY city ORDER BY 3 DESC;"
    "SELECT p.name, count(v.day), max(v.note) FROM person p JOIN visit v ON v.person = p.id WHERE p.score > 500 GROUP BY p.id HAVING count(*) > 1 ORDER BY p.name;"
    "UPDATE person SET name = upper(name) || city, score = score + 1 WHERE id % 3 = 0;"
    "DELETE FROM visit WHERE day % 7 = 2;"
    "SELECT note FROM visit WHERE note LIKE '%xy%' UNION SELECT name FROM person WHERE name LIKE '%A7%';";

// No files: an in-memory database needs a file system by name only.
static int refuse(sqlite3_vfs *system, const char *name, sqlite3_file *file, int flags, int *out) {
  (void)system, (void)name, (void)file, (void)flags, (void)out;
  return SQLITE_CANTOPEN;
}
static int random_bytes(sqlite3_vfs *system, int bytes, char *out) {
  (void)system;
  memset(out, 7, (size_t)bytes);
  return bytes;
}
static int now(sqlite3_vfs *system, double *out) {
  (void)system;
  *out = 2460000.5;
  return SQLITE_OK;
}
static sqlite3_vfs no_files = {.iVersion = 1, .szOsFile = sizeof(sqlite3_file), .mxPathname = 64, .zName = "none",
                               .xOpen = refuse, .xRandomness = random_bytes, .xCurrentTime = now};

int sqlite3_os_init(void) { return sqlite3_vfs_register(&no_files, 1); }
int sqlite3_os_end(void) { return SQLITE_OK; }

static int sum_row(void *sum, int columns, char **values, char **names) {
  (void)names;
  for (int i = 0; i < columns; i++)
    if (values[i]) *(uint32_t *)sum = *(uint32_t *)sum * 31 + (uint32_t)strlen(values[i]);
  return 0;
}

// Half of the questions by a statement prepared once, half as text, each prepared anew: programs do both.
static void look_up(sqlite3 *database, uint32_t *sum) {
  sqlite3_stmt *statement;
  sqlite3_prepare_v2(database, "SELECT name, score FROM person WHERE id = ?", -1, &statement, NULL);
  for (int i = 1; i < 6000; i++) {
    sqlite3_bind_int(statement, 1, i * 7 % 12000);
    if (sqlite3_step(statement) == SQLITE_ROW) *sum += (uint32_t)sqlite3_column_bytes(statement, 0);
    sqlite3_reset(statement);
  }
  sqlite3_finalize(statement);
}

static void ask(sqlite3 *database, uint32_t *sum) {
  for (int i = 1; i < 6000; i++) {
    char *text = sqlite3_mprintf("SELECT p.name, v.note FROM person p LEFT JOIN visit v ON v.person = p.id WHERE p.id = %d AND p.city <> %Q", i, "none");
    sqlite3_exec(database, text, sum_row, sum, NULL);
    sqlite3_free(text);
  }
}

__attribute__((export_name("run"))) uint32_t run(void) {
  sqlite3 *database;
  uint32_t sum = 1;
  if (sqlite3_open(":memory:", &database) || sqlite3_exec(database, script, sum_row, &sum, NULL)) return 0;
  look_up(database, &sum);
  ask(database, &sum);
  sqlite3_close(database);
  sqlite3_shutdown();
  return sum;
}
