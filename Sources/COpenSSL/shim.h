#pragma once
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

// An RSA public key from big-endian modulus and exponent, or NULL. OSSL_PARAM_BLD_push_BN keeps the parameter's name
// and the number until the parameters are built, so both live only in here.
static inline EVP_PKEY *_Nullable gateway_rsa_public_key(const unsigned char *_Nonnull modulus, int modulus_count,
                                                         const unsigned char *_Nonnull exponent, int exponent_count) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = NULL;
    BIGNUM *n = BN_bin2bn(modulus, modulus_count, NULL);
    BIGNUM *e = BN_bin2bn(exponent, exponent_count, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (n && e && builder && context && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
        (params = OSSL_PARAM_BLD_to_param(builder)) && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    BN_free(e);
    BN_free(n);
    return key;
}

// An elliptic-curve public key from the curve's name and the uncompressed point, or NULL where that is not on the curve:
// the parameter list keeps a pointer to both.
static inline EVP_PKEY *_Nullable gateway_ec_public_key(const char *_Nonnull curve, const unsigned char *_Nonnull point,
                                                        size_t point_count) {
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)curve, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, point_count),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *check = NULL, *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1 ||
        !(check = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL)) || EVP_PKEY_public_check(check) != 1) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    EVP_PKEY_CTX_free(check);
    EVP_PKEY_CTX_free(context);
    return key;
}

// EVP_MAC_init for HMAC: the parameter list keeps a pointer to the digest's name.
static inline int gateway_hmac_init(EVP_MAC_CTX *_Nonnull context, const char *_Nonnull digest,
                                    const unsigned char *_Nonnull key, size_t count) {
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
                           OSSL_PARAM_construct_end()};
    return EVP_MAC_init(context, key, count, params);
}

// EVP_KDF_derive for HKDF-SHA-256 (RFC 5869, extract and expand): the parameter list keeps a pointer to every input.
static inline int gateway_hkdf_sha256(EVP_KDF_CTX *_Nonnull context, const void *_Nonnull secret, size_t secret_count,
                                      const void *_Nullable salt, size_t salt_count, const void *_Nullable info,
                                      size_t info_count, unsigned char *_Nonnull output, size_t output_count) {
    char digest[] = "SHA256";
    OSSL_PARAM params[5], *next = params;
    *next++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
    *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_count);
    if (salt && salt_count) *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_count);
    if (info && info_count) *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_count);
    *next = OSSL_PARAM_construct_end();
    return EVP_KDF_derive(context, output, output_count, params);
}

// The key pair of a scalar, or NULL for one outside 1..<n of the curve's order. The parameter builder keeps the numbers and
// names until the parameters are built, so they live only in here.
static inline EVP_PKEY *_Nullable gateway_ec_key_pair(const char *_Nonnull curve, const unsigned char *_Nonnull scalar,
                                                      size_t scalar_count) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = NULL;
    EC_POINT *public_half = NULL;
    unsigned char point[1 + 2 * 66];
    size_t point_count = 0;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(curve));
    BIGNUM *d = BN_secure_new();
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (group && d && builder && context && BN_bin2bn(scalar, (int)scalar_count, d) && !BN_is_zero(d) &&
        BN_cmp(d, EC_GROUP_get0_order(group)) < 0 && (public_half = EC_POINT_new(group)) &&
        EC_POINT_mul(group, public_half, d, NULL, NULL, NULL) == 1 &&
        (point_count = EC_POINT_point2oct(group, public_half, POINT_CONVERSION_UNCOMPRESSED, point, sizeof point, NULL)) &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, d) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, point_count) == 1 &&
        (params = OSSL_PARAM_BLD_to_param(builder)) && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, params) != 1) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    BN_clear_free(d);
    EC_POINT_free(public_half);
    EC_GROUP_free(group);
    return key;
}
