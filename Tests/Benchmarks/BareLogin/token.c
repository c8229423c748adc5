// The provider's key and the one check of a token.
#define _GNU_SOURCE
#include "bare-login.h"
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <string.h>

static EVP_PKEY *key;

static size_t decode(const char *text, size_t count, unsigned char *bytes)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    static unsigned char values[256];
    if (values['B'] == 0)
        for (int i = 0; i < 64; i++) values[(unsigned char)alphabet[i]] = (unsigned char)i;
    size_t size = 0;
    unsigned bits = 0, value = 0;
    for (size_t i = 0; i < count; i++) {
        value = value << 6 | values[(unsigned char)text[i]];
        if ((bits += 6) >= 8) bytes[size++] = (unsigned char)(value >> (bits -= 8));
    }
    return size;
}

void read_key(const char *path)
{
    char set[16384];
    FILE *file = fopen(path, "r");
    if (file == NULL) fail("the key set cannot be read");
    set[fread(set, 1, sizeof set - 1, file)] = 0;
    fclose(file);
    const char *modulus = strstr(set, "\"n\":\"");
    unsigned char bytes[1024];
    if (modulus == NULL || strcspn(modulus += 5, "\"") > 1024) fail("no RSA key in the key set");
    size_t size = decode(modulus, strcspn(modulus, "\""), bytes);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(bytes, (int)size, NULL);
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n);
    OSSL_PARAM_BLD_push_ulong(builder, OSSL_PKEY_PARAM_RSA_E, 65537);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (EVP_PKEY_fromdata_init(context) != 1
        || EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, OSSL_PARAM_BLD_to_param(builder)) != 1)
        fail("the key is none");
}

int is_genuine(const char *answer)
{
    static EVP_MD_CTX *context;
    const char *token = strstr(answer, "\"id_token\":\""), *end, *dot;
    if (token == NULL || (end = strchr(token += 12, '"')) == NULL || (dot = memrchr(token, '.', end - token)) == NULL)
        return 0;
    unsigned char signature[1024];
    if (end - dot > 1024) return 0;
    size_t size = decode(dot + 1, end - dot - 1, signature);
    if (context == NULL) context = EVP_MD_CTX_new();
    return EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1
        && EVP_DigestVerify(context, signature, size, (const unsigned char *)token, dot - token) == 1;
}
