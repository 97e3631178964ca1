// stdlib/hash.c
// The module hash: digests and their keyed form, by nettle, and CRC-32.
//
// All go through a Hasher, a Resource that holds the state of one digest: what is long is fed to it in stretches, with a
// boundary between them.
//
// Layer: library. The only file with nettle's headers.
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>

#include "stdlib/hex.h"
#include "stdlib/lib.h"

enum {
    STRETCH = 128 * 1024,  // bytes between two boundaries
    SIZE_MOST = SHA512_DIGEST_SIZE,
    KEY_BLOCK = SHA512_BLOCK_SIZE,
};

typedef union {
    struct md5_ctx md5;
    struct sha1_ctx sha1;
    struct sha256_ctx sha256;
    struct sha512_ctx sha512;
} State;

typedef struct {
    TgResource head;
    const struct nettle_hash *algorithm;
    State state;
    State outer; // keyed: begun with the outer key
    bool is_keyed;
} Hasher;

static const struct nettle_hash *const algorithms[] = {&nettle_md5, &nettle_sha1, &nettle_sha256, &nettle_sha384, &nettle_sha512};
enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };

static void show_hasher(TgVM *vm, const TgResource *resource, TgBuffer *out) {
    (void)vm;
    tg_buffer_format(out, "<Hasher %s>", ((const Hasher *)resource)->algorithm->name);
}

static const TgResourceType hasher_type = {sizeof(Hasher), NULL, NULL, show_hasher, NULL, NULL};

// ---- arguments

static const struct nettle_hash *read_algorithm(TgCall *call, int index) {
    TgString *name;
    if (!tg_lib_given(call, index)) return &nettle_sha256;
    if (!tg_arg_string(call, index, &name)) return NULL;
    for (int i = 0; i < ALGORITHMS; i++)
        if (!strcmp(name->data, algorithms[i]->name)) return algorithms[i];
    tg_error_raise(call->vm, TG_ERR_ValueError, "hash: there is no algorithm %s; there are md5, sha1, sha256, sha384 and sha512",
                   tg_lib_show(call->vm, call->args[index]));
    return NULL;
}

// ---- the hasher

// HMAC: the digest of the outer key and the digest of the inner key and the data.
static void set_key(Hasher *hasher, const uint8_t *key, size_t length) {
    uint8_t block[KEY_BLOCK] = {0}, pad[KEY_BLOCK];
    const struct nettle_hash *algorithm = hasher->algorithm;
    hasher->is_keyed = true;
    if (length > algorithm->block_size) {
        algorithm->update(&hasher->state, length, key);
        algorithm->digest(&hasher->state, algorithm->digest_size, block);
    } else if (length) {
        memcpy(block, key, length);
    }
    for (unsigned i = 0; i < algorithm->block_size; i++) pad[i] = block[i] ^ 0x36;
    algorithm->init(&hasher->state);
    algorithm->update(&hasher->state, algorithm->block_size, pad);
    for (unsigned i = 0; i < algorithm->block_size; i++) pad[i] = block[i] ^ 0x5c;
    algorithm->init(&hasher->outer);
    algorithm->update(&hasher->outer, algorithm->block_size, pad);
}

static Hasher *new_hasher(TgVM *vm, const struct nettle_hash *algorithm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Hasher", NULL, &is_new);
    if (is_new) tg_register_methods(vm, class_, tg_lib_hasher_methods);
    Hasher *hasher = (Hasher *)tg_resource_new(vm, &hasher_type, class_);
    hasher->algorithm = algorithm;
    algorithm->init(&hasher->state);
    return hasher;
}

// The digest of what it was fed so far; it can be fed on.
static void finish(const Hasher *hasher, uint8_t out[SIZE_MOST]) {
    State state = hasher->state, outer = hasher->outer;
    const struct nettle_hash *algorithm = hasher->algorithm;
    algorithm->digest(&state, algorithm->digest_size, out);
    if (!hasher->is_keyed) return;
    algorithm->update(&outer, algorithm->digest_size, out);
    algorithm->digest(&outer, algorithm->digest_size, out);
}

static TgResult return_hex(TgCall *call, const uint8_t *digest, size_t length) {
    char text[2 * SIZE_MOST], *at = text;
    for (size_t i = 0; i < length; i++) at = tg_hex_put(at, digest[i]);
    return tg_return(call, tg_obj(tg_string(call->vm, text, 2 * length)));
}

static TgResult return_digest(TgCall *call, const Hasher *hasher, bool is_raw) {
    uint8_t digest[SIZE_MOST];
    finish(hasher, digest);
    if (is_raw) return tg_return(call, tg_obj(tg_bytes(call->vm, digest, hasher->algorithm->digest_size)));
    return return_hex(call, digest, hasher->algorithm->digest_size);
}

// Feeds args[index]; args[state] is how far it is. DONE: all of it.
static TgResult feed(TgCall *call, Hasher *hasher, int index, int state) {
    const uint8_t *data;
    size_t length, from = call->step ? (size_t)tg_as_int(call->args[state]) : 0;
    if (!tg_lib_data(call, index, "hash: what is hashed", &data, &length)) return TG_RAISED;
    size_t count = length - from < STRETCH ? length - from : STRETCH;
    if (count) hasher->algorithm->update(&hasher->state, count, data + from);
    if (from + count == length) return TG_DONE;
    call->args[state] = tg_int((int64_t)(from + count));
    return tg_lib_breathe(call, 1);
}

static bool take_hasher(TgCall *call, Hasher **out) {
    *out = (Hasher *)tg_resource_of(call->args[0], &hasher_type);
    if (*out) return true;
    tg_error_raise(call->vm, TG_ERR_TypeError, "this is a method of what hash.new() gives, not of %s", TG_SHOW(call->vm, call->args[0]));
    return false;
}

static TgResult hasher_update(TgCall *call) {
    Hasher *hasher;
    if (!take_hasher(call, &hasher)) return TG_RAISED;
    TgResult result = feed(call, hasher, 1, 2);
    return result == TG_DONE ? tg_return(call, call->args[0]) : result;
}

static TgResult hasher_hex(TgCall *call) {
    Hasher *hasher;
    return take_hasher(call, &hasher) ? return_digest(call, hasher, false) : TG_RAISED;
}

static TgResult hasher_digest(TgCall *call) {
    Hasher *hasher;
    return take_hasher(call, &hasher) ? return_digest(call, hasher, true) : TG_RAISED;
}

const TgNativeDef tg_lib_hasher_methods[] = {
    {"update(data)", hasher_update, "Adds a String or Bytes; gives the Hasher."},
    {"hex()", hasher_hex, "The digest of all that was added so far, in hex digits."},
    {"digest()", hasher_digest, "The same as Bytes."},
    {0},
};

// ---- the functions

// args[0] is the data, args[raw] the flag; args[raw + 1] and the next are the native's own.
static TgResult hash_at_once(TgCall *call, const struct nettle_hash *algorithm, int data, int key, int raw) {
    bool is_raw = false;
    int state = raw + 1;
    if (!tg_lib_flag(call, raw, "raw", &is_raw)) return TG_RAISED;
    if (!call->step) {
        const uint8_t *bytes;
        size_t length;
        Hasher *made = new_hasher(call->vm, algorithm);
        if (key >= 0 && !tg_lib_data(call, key, "hash: what is hashed", &bytes, &length)) return TG_RAISED;
        if (key >= 0) set_key(made, bytes, length);
        call->args[state + 1] = tg_obj(made);
    }
    Hasher *hasher = (Hasher *)tg_as_obj(call->args[state + 1]);
    TgResult result = feed(call, hasher, data, state);
    return result == TG_DONE ? return_digest(call, hasher, is_raw) : result;
}

static TgResult hash_md5(TgCall *call) {
    return hash_at_once(call, &nettle_md5, 0, -1, 1);
}
static TgResult hash_sha1(TgCall *call) {
    return hash_at_once(call, &nettle_sha1, 0, -1, 1);
}
static TgResult hash_sha256(TgCall *call) {
    return hash_at_once(call, &nettle_sha256, 0, -1, 1);
}
static TgResult hash_sha384(TgCall *call) {
    return hash_at_once(call, &nettle_sha384, 0, -1, 1);
}
static TgResult hash_sha512(TgCall *call) {
    return hash_at_once(call, &nettle_sha512, 0, -1, 1);
}

static TgResult hash_hmac(TgCall *call) {
    const struct nettle_hash *algorithm = read_algorithm(call, 2);
    return algorithm ? hash_at_once(call, algorithm, 1, 0, 3) : TG_RAISED;
}

static TgResult hash_new(TgCall *call) {
    const struct nettle_hash *algorithm = read_algorithm(call, 0);
    const uint8_t *key;
    size_t length;
    if (!algorithm) return TG_RAISED;
    Hasher *hasher = new_hasher(call->vm, algorithm);
    if (tg_lib_given(call, 1)) {
        if (!tg_lib_data(call, 1, "hash: what is hashed", &key, &length)) return TG_RAISED;
        set_key(hasher, key, length);
    }
    return tg_return(call, tg_obj(hasher));
}

// Four bits at a time, so that the table is short.
static uint32_t crc32_of(uint32_t crc, const uint8_t *data, size_t length) {
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    crc = ~crc;
    for (size_t i = 0; i < length; i++) {
        crc ^= data[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static TgResult hash_crc32(TgCall *call) {
    const uint8_t *data;
    size_t length;
    int64_t start = 0;
    if (!tg_lib_data(call, 0, "hash: what is hashed", &data, &length) || (tg_given(call, 1) && !tg_arg_index(call, 1, &start))) return TG_RAISED;
    if (start < 0 || start > UINT32_MAX)
        return tg_raise(call, TG_ERR_ValueError, "hash.crc32(): start is the CRC of what came before, not %lld", (long long)start);
    size_t from = call->step ? (size_t)tg_as_int(call->args[2]) : 0;
    size_t count = length - from < STRETCH ? length - from : STRETCH;
    uint32_t crc = crc32_of((uint32_t)start, data + from, count);
    if (from + count == length) return tg_return(call, tg_int(crc));
    call->args[1] = tg_int(crc);
    call->args[2] = tg_int((int64_t)(from + count));
    return tg_lib_breathe(call, 1);
}

// The time it takes does not tell where they differ.
static TgResult hash_equal(TgCall *call) {
    const uint8_t *a, *b;
    size_t length, other;
    if (!tg_lib_data(call, 0, "hash: what is hashed", &a, &length) || !tg_lib_data(call, 1, "hash: what is hashed", &b, &other)) return TG_RAISED;
    uint8_t difference = length != other;
    for (size_t i = 0; i < length && length == other; i++) difference |= a[i] ^ b[i];
    return tg_return(call, tg_bool(!difference));
}

const TgNativeDef tg_lib_hash_members[] = {
    {"md5(data, raw = false)", hash_md5, "The MD5 digest of a String or Bytes, in hex digits (raw: Bytes); not safe against forgery."},
    {"sha1(data, raw = false)", hash_sha1, "The SHA-1 digest; not safe against forgery."},
    {"sha256(data, raw = false)", hash_sha256, "The SHA-256 digest of a String or Bytes, in hex digits (raw: Bytes)."},
    {"sha384(data, raw = false)", hash_sha384, "The SHA-384 digest."},
    {"sha512(data, raw = false)", hash_sha512, "The SHA-512 digest."},
    {"hmac(key, data, algorithm = \"sha256\", raw = false)", hash_hmac,
     "The digest of the data under a secret key: only who has the key can make it."},
    {"new(algorithm = \"sha256\", key = nil)", hash_new, "A Hasher, for data that comes piece by piece; with a key as hmac."},
    {"crc32(data, start = 0)", hash_crc32, "The checksum CRC-32, an Int; start is that of what came before."},
    {"equal(a, b)", hash_equal, "Whether two digests or secrets are the same, in a time that tells nothing about them."},
    {0},
};

void tg_lib_hashes(TgVM *vm, TgModule *module) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Hasher", NULL, &is_new);
    if (is_new) tg_register_methods(vm, class_, tg_lib_hasher_methods);
    tg_module_set(vm, module, "Hasher", tg_obj(class_));
    tg_register_members(vm, module, tg_lib_hash_members);
}
