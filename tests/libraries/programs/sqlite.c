/* sqlite: a database in memory, filled in a transaction, indexed, queried, changed and read again. It needs no file system: the one that is
   registered here opens nothing. */
#include "output.h"
#include "sqlite3.h"

static int no_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  (void)vfs; (void)name; (void)file; (void)flags; (void)out;
  return SQLITE_CANTOPEN;
}
static int full_name(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  (void)vfs;
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}
static int randomness(sqlite3_vfs* vfs, int size, char* out) {
  (void)vfs;
  memset(out, 7, (size_t)size);
  return size;
}
static int now(sqlite3_vfs* vfs, double* out) {
  (void)vfs;
  *out = 2460000.5;
  return SQLITE_OK;
}

int sqlite3_os_init(void) {
  static sqlite3_vfs none = {.iVersion = 1, .szOsFile = sizeof(sqlite3_file), .mxPathname = 100, .zName = "none", .xOpen = no_file,
                             .xFullPathname = full_name, .xRandomness = randomness, .xCurrentTime = now};
  return sqlite3_vfs_register(&none, 1);
}
int sqlite3_os_end(void) { return SQLITE_OK; }

static sqlite3* database;

static int print_row(void* unused, int columns, char** values, char** names) {
  (void)unused; (void)names;
  for (int column = 0; column < columns; column++) printf("%s%s", column ? " | " : "", values[column] ? values[column] : "NULL");
  puts("");
  return 0;
}

static void sql(const char* statement) {
  char* problem = 0;
  if (sqlite3_exec(database, statement, print_row, 0, &problem) != SQLITE_OK) printf("%s: %s\n", statement, problem);
  sqlite3_free(problem);
}

static void fill(void) {
  sqlite3_stmt* insert;
  sql("begin");
  sqlite3_prepare_v2(database, "insert into track(title, artist, seconds) values(?, ?, ?)", -1, &insert, 0);
  for (int number = 0; number < 20000; number++) {
    char title[40];
    snprintf(title, sizeof title, "title %u", number * 2654435761u);
    sqlite3_bind_text(insert, 1, title, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int(insert, 2, number % 97);
    sqlite3_bind_double(insert, 3, 100 + number % 250 * 0.5);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  sql("commit");
}

void run(void) {
  if (sqlite3_open(":memory:", &database) != SQLITE_OK) return (void)printf("open: %s\n", sqlite3_errmsg(database));
  sql("create table track(id integer primary key, title text, artist integer, seconds real)");
  fill();
  sql("create index by_title on track(title)");
  sql("select count(*), sum(seconds), min(title), max(title) from track");
  sql("select artist, count(*), avg(seconds) from track group by artist order by 3 desc, 1 limit 3");
  sql("select a.id, b.id from track a join track b on b.title = a.title and b.id < a.id limit 2");
  sql("update track set title = upper(title) || '!' where artist < 10");
  sql("delete from track where id % 3 = 0");
  sql("select count(*), group_concat(id) from (select id from track where title like 'TITLE 1%' order by title limit 8)");
  sql("with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) select sum(i), printf('%.3f', avg(i * 1.5)) from n");
  sql("pragma integrity_check");
  sql("select nonsense from track");
  sqlite3_close(database);
}
