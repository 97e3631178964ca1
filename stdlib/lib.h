// stdlib/lib.h
// What the rooms of the library share: their tables, and the few things that most natives need.
//
// Natives that may meet an instance with its own str, eq, hash or iter go on in steps (vm/api.h).
// The functions below that can ask for such a call give a TgResult: TG_DONE is "go on", anything
// else is handed back to the loop at once, and the native enters the function again with the same
// `step`.
//
// Layer: library.
#ifndef TG_STDLIB_LIB_H
#define TG_STDLIB_LIB_H

#include "vm/api.h"

// Tables of natives, one per room; registry.c registers them.
extern const TgNativeDef tg_lib_text[], tg_lib_builtins[], tg_lib_numbers[];
extern const TgNativeDef tg_lib_hidden[], tg_lib_hidden_text[], tg_lib_hidden_equal[],
    tg_lib_hidden_maps[], tg_lib_hidden_sort[], tg_lib_hidden_assert[];
extern const TgNativeDef tg_lib_strings[], tg_lib_texts[], tg_lib_string_statics[];
extern const TgNativeDef tg_lib_bytes[], tg_lib_bytes_statics[], tg_lib_string_bytes[];
extern const TgNativeDef tg_lib_lists[], tg_lib_list_sort[], tg_lib_maps[];
extern const TgNativeDef tg_lib_sorted[], tg_lib_hash[], tg_lib_help[];
extern const TgNativeDef tg_lib_exception[], tg_lib_ioerror[], tg_lib_group[];
extern const TgNativeDef tg_lib_input[], tg_lib_io_members[], tg_lib_stream[], tg_lib_file[],
    tg_lib_fs_members[], tg_lib_watch[], tg_lib_process_members[];
extern const TgNativeDef tg_lib_code_members[], tg_lib_code_session[], tg_lib_net_members[], tg_lib_socket[], tg_lib_listener[], tg_lib_udp[];
extern const TgNativeDef tg_lib_http_asking[], tg_lib_http_serving[], tg_lib_http_members[], tg_lib_http_methods[];
extern const TgNativeDef tg_lib_math_members[], tg_lib_random_members[], tg_lib_time_members[], tg_lib_testing_members[];
extern const TgNativeDef tg_lib_csv_members[], tg_lib_json_members[], tg_lib_os_members[];
extern const TgNativeDef tg_lib_re_members[], tg_lib_regex_methods[], tg_lib_regex_scans[], tg_lib_match_methods[];
extern const TgNativeDef tg_lib_hash_members[], tg_lib_hasher_methods[], tg_lib_base64_members[], tg_lib_uuid_members[];

// Quick halves (vm/api.h): `room` is "" for built-ins, a class's or a module's name. A row of NULLs at the end.
typedef struct {
    const char *room, *name;
    TgQuickFn quick;
} TgQuickRow;
extern const TgQuickRow tg_lib_quick[];

// Sets the members of a standard module (modules.def).
#define MODULE(name, fill, help, half) void fill(TgVM *vm, TgModule *module);
#include "stdlib/modules.def"
#undef MODULE

void tg_lib_fs_watch(TgVM *vm, TgModule *module); // fs_watch.c: its part of fs

// 64 bits that nobody can tell before: the reactor's entropy (vm/api.c).
int64_t tg_channel_length(TgValue channel); // vm/channel.c

// The class of what test.skip() raises, or NULL where the module `test` is not imported.
TgClass *tg_lib_skipped(TgVM *vm);

// Seeds vm->random (splitmix64 over xoshiro256**).
void tg_random_seed(TgVM *vm, uint64_t seed);
uint64_t tg_random_next(TgVM *vm);
// Evenly from 0 up to, not including, `limit` (> 0).
uint64_t tg_random_below(TgVM *vm, uint64_t limit);

// Arguments. "Given" here means neither left out nor nil.
static inline bool tg_lib_given(const TgCall *call, int index) {
    return tg_given(call, index) && !tg_is_nil(call->args[index]);
}
// A Bool; where it is left out *out stays as it is. False: TypeError raised, naming the parameter as `name`.
bool tg_lib_flag(TgCall *call, int index, const char *name, bool *out);
// The argument's bytes: a String's UTF-8, or Bytes. They live as long as the value. False: TypeError raised; `what` begins its message.
bool tg_lib_data(TgCall *call, int index, const char *what, const uint8_t **data, size_t *length);

// The argument at `index` as a List: itself where it is one, the keys of a Map, the characters of a
// String, the numbers of a Range; instances, Functions and Channels are gone over by tg code and
// come back at `step`. `what` begins the TypeError for all else ("sum(): items").
TgResult tg_lib_items(TgCall *call, int index, const char *what, int step);
// The same for a value that lies elsewhere: TG_DONE and *out, or TG_CALLED (the List is call->value
// at `step`), or TG_RAISED.
TgResult tg_lib_items_of(TgCall *call, TgValue value, const char *what, int step, TgList **out);

// Finds the texts of all instances with `str` in `value`, by calling it. args[state] and
// args[state + 1] are its own; when it is done args[state + 1] is the `known` of tg_text.
TgResult tg_lib_known(TgCall *call, TgValue value, int state, int step);

// For work without a natural end: goes by a boundary (Ctrl-C, cancellation, the collector), lets the other tasks have their turn,
// then the native is entered again at `step`. To be done every half a millisecond or so, by a count, so that runs repeat.
TgResult tg_lib_breathe(TgCall *call, int step);

// What the buffer holds as the native's result; frees the buffer.
TgResult tg_lib_return_text(TgCall *call, TgBuffer *buffer);
// repr(value) for an error message, shortened; it calls nothing.
const char *tg_lib_show(TgVM *vm, TgValue value);
// MemoryError is raised and false given where `bytes` more cannot be had.
bool tg_lib_room(TgCall *call, size_t bytes);

// The working directory. False: errno.
bool tg_lib_cwd(TgVM *vm, char *path, size_t room);
// A variable of the environment; false where it is not set, empty, or too long.
bool tg_lib_env(TgVM *vm, const char *name, char *value, size_t room);

// A path: a String that is not empty and holds no NUL. False: raised.
bool tg_arg_path(TgCall *call, int index, TgString **out);
// Bytes (bytes.c). False: TypeError raised.
bool tg_arg_bytes(TgCall *call, int index, TgBytes **out);
// What the buffer holds as Bytes, the native's result; frees the buffer.
TgResult tg_lib_return_bytes(TgCall *call, TgBuffer *buffer);
// These bytes as a String, the native's result. Where they are no UTF-8: ValueError, or U+FFFD in their place.
TgResult tg_lib_decode(TgCall *call, const uint8_t *data, size_t length, bool replaces);
// How many from the start on are whole characters.
size_t tg_lib_utf8_good(const uint8_t *data, size_t length);
// The argument `errors:`, "strict" (also where it is left out) or "replace". False: raised.
bool tg_lib_replaces(TgCall *call, int index, bool *out);

// The byte offset of `part` in `whole`, from the offset `from` on, or -1.
int64_t tg_lib_find(const TgString *whole, const TgString *part, size_t from);

// The items, which must be Strings, as one, with the separator (NULL: none) between them.
TgResult tg_lib_join(TgCall *call, const TgList *list, const TgString *separator);

// Whether a value may be a key. False: TypeError raised, saying why.
bool tg_lib_check_key(TgCall *call, TgValue key);
// The `eq` (or another) of the instance's class, TG_UNDEF where it is none or has none.
static inline TgClass *tg_lib_class(TgValue value) {
    return tg_is_kind(value, OBJ_INSTANCE) ? ((TgInstance *)tg_as_obj(value))->class_ : NULL;
}

#endif
