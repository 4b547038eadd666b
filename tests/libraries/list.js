// The libraries, and how each is compiled: its own sources, unchanged, with the settings that it has for hosts without a system.

/**
 * @typedef {object} Library
 * @property {string} name of the program in programs/, too
 * @property {{ debian?: string, npm?: string }[]} from the packages
 * @property {(...folders: string[]) => string[]} sources
 * @property {(...folders: string[]) => string[]} include
 * @property {string[]} [options]
 * @property {string} [missing] what a host without a system does not have
 */

const inFolder = (folder, names, ending = '') => names.trim().split(/\s+/).map((name) => `${folder}/${name}${ending}`);

/** @type {Library[]} */
export const kLibraries = [
  { name: 'cjson', from: [{ debian: 'cjson' }], sources: (folder) => [`${folder}/cJSON.c`], include: (folder) => [folder] },
  {
    name: 'stb',
    from: [{ debian: 'libstb' }],
    sources: () => [],
    include: (folder) => [folder],
  },
  {
    name: 'lua',
    from: [{ debian: 'lua5.4' }],
    sources: (folder) =>
      inFolder(
        `${folder}/src`,
        `lapi lauxlib lbaselib lcode lctype ldebug ldo ldump lfunc lgc llex lmathlib lmem lobject lopcodes lparser lstate lstring
         lstrlib ltable ltablib ltm lundump lvm lzio`,
        '.c',
      ),
    include: (folder) => [`${folder}/src`, 'tests/libraries/headers'],
    options: ['-DLUAI_THROW(L,c)=__builtin_trap()', '-DLUAI_TRY(L,c,a)={a}', '-Dluai_jmpbuf=int', '-Dl_signalT=int', '-Dluai_makeseed(L)=1'],
    missing: 'setjmp: an error of a script traps, and there are no coroutines',
  },
  {
    name: 'zstd',
    from: [{ debian: 'libzstd' }],
    sources: (folder) => [
      ...inFolder(`${folder}/lib/common`, 'debug entropy_common error_private fse_decompress xxhash zstd_common pool', '.c'),
      ...inFolder(
        `${folder}/lib/compress`,
        `fse_compress hist huf_compress zstd_compress zstd_compress_literals zstd_compress_sequences zstd_compress_superblock zstd_double_fast
         zstd_fast zstd_lazy zstd_ldm zstd_opt`,
        '.c',
      ),
      ...inFolder(`${folder}/lib/decompress`, 'huf_decompress zstd_ddict zstd_decompress zstd_decompress_block', '.c'),
    ],
    include: (folder) => [`${folder}/lib`],
    options: ['-DZSTD_DISABLE_ASM'],
  },
  {
    name: 'sqlite',
    from: [{ npm: 'better-sqlite3@12.4.1' }],
    sources: (folder) => [`${folder}/deps/sqlite3/sqlite3.c`],
    include: (folder) => [`${folder}/deps/sqlite3`],
    options: ['-DSQLITE_OS_OTHER', '-DSQLITE_THREADSAFE=0', '-DSQLITE_OMIT_LOAD_EXTENSION', '-DSQLITE_TEMP_STORE=3', '-DSQLITE_OMIT_WAL', '-DSQLITE_OMIT_LOCALTIME'],
    missing: 'files: databases are in memory',
  },
  {
    name: 'box2d',
    from: [{ debian: 'box2d' }],
    sources: (folder) => [
      ...inFolder(`${folder}/src/collision`, 'b2_broad_phase b2_chain_shape b2_circle_shape b2_collide_circle b2_collide_edge b2_collide_polygon b2_collision b2_distance b2_dynamic_tree b2_edge_shape b2_polygon_shape b2_time_of_impact', '.cpp'),
      ...inFolder(`${folder}/src/common`, 'b2_block_allocator b2_draw b2_math b2_settings b2_stack_allocator b2_timer', '.cpp'),
      ...inFolder(
        `${folder}/src/dynamics`,
        `b2_body b2_chain_circle_contact b2_chain_polygon_contact b2_circle_contact b2_contact b2_contact_manager b2_contact_solver
         b2_distance_joint b2_edge_circle_contact b2_edge_polygon_contact b2_fixture b2_friction_joint b2_gear_joint b2_island b2_joint
         b2_motor_joint b2_mouse_joint b2_polygon_circle_contact b2_polygon_contact b2_prismatic_joint b2_pulley_joint b2_revolute_joint
         b2_weld_joint b2_wheel_joint b2_world b2_world_callbacks`,
        '.cpp',
      ),
    ],
    include: (folder) => [`${folder}/include`, `${folder}/src`],
  },
  {
    name: 'imgui',
    from: [{ debian: 'imgui' }],
    sources: (folder) => inFolder(folder, 'imgui imgui_draw imgui_tables imgui_widgets', '.cpp'),
    include: (folder) => [folder],
    options: ['-DIMGUI_DISABLE_FILE_FUNCTIONS', '-DIMGUI_DISABLE_DEFAULT_SHELL_FUNCTIONS', '-DIMGUI_DISABLE_OBSOLETE_FUNCTIONS'],
    missing: 'files: no imgui.ini',
  },
  {
    name: 'fmt',
    from: [{ debian: 'fmtlib' }],
    sources: () => [],
    include: (folder) => [`${folder}/include`],
    options: ['-DFMT_HEADER_ONLY', '-DFMT_STATIC_THOUSANDS_SEPARATOR', '-std=c++17'],
    missing: 'locales and exceptions',
  },
];
