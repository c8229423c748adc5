<?php
declare(strict_types=1);

// Checks X-SSO-Assertion in PHP 8.1 or later, with the extensions openssl and json.

const SSO_LEEWAY = 5; // seconds, for clocks that differ
final class SSORefused extends Exception {}

/**
 * The member of this request. Throws SSORefused with the status as its code.
 *
 * @param string $issuer   `public_url`
 * @param string $audience `app` of the rule, or the host
 * @param string $keys     the gateway's own /.well-known/jwks.json
 * @param string $cache    a file for the keys, in a directory that only the app can write to
 */
function sso_member(string $issuer, string $audience, string $keys, string $cache, int $pause = 10, int $keep = 300): array
{
    $token = $_SERVER['HTTP_X_SSO_ASSERTION'] ?? '';
    if ($token === '') throw new SSORefused('missing', 401);
    if (str_contains($token, ',')) throw new SSORefused('repeated', 401); // Servers join repeated headers.
    if (strlen($token) > 8192 || !preg_match('/\A[\w-]+\.[\w-]+\.[\w-]{86}\z/', $token)) {
        throw new SSORefused('malformed', 401);
    }
    [$head, $body, $signature] = explode('.', $token);
    $header = sso_part($head);
    if (($header['alg'] ?? '') !== 'ES256' || ($header['typ'] ?? '') !== 'JWT' || isset($header['crit'])) {
        throw new SSORefused('algorithm', 401);
    }
    $id = is_string($header['kid'] ?? null) ? $header['kid'] : '';
    $key = sso_key($id, $keys, $cache, $pause, $keep) ?? throw new SSORefused('unknown_key', 401);
    if (openssl_verify("$head.$body", sso_der($signature), $key, OPENSSL_ALGO_SHA256) !== 1) {
        throw new SSORefused('signature', 401);
    }
    $claims = sso_part($body);
    $now = microtime(true);
    if (($claims['iss'] ?? null) !== $issuer) throw new SSORefused('issuer', 401);
    if (($claims['aud'] ?? null) !== $audience) throw new SSORefused('audience', 401);
    if (!is_numeric($claims['exp'] ?? null) || $now >= $claims['exp'] + SSO_LEEWAY) throw new SSORefused('expired', 401);
    if (max($claims['iat'] ?? INF, $claims['nbf'] ?? 0) > $now + SSO_LEEWAY) throw new SSORefused('not_yet_valid', 401);
    $member = ['integration' => $claims['integration'] ?? '', 'installation' => $claims['installation_id'] ?? '',
        'user' => $claims['sub'] ?? '', 'role' => $claims['role'] ?? ''];
    if (in_array('', $member, true)) throw new SSORefused('claims', 401);
    // The same user id under another installation is another person.
    $id = "{$member['integration']}/{$member['installation']}/{$member['user']}";
    return ['id' => $id, 'name' => $claims['name'] ?? '', 'email' => $claims['email'] ?? ''] + $member;
}

function sso_bytes(string $text): string
{
    return base64_decode(strtr($text, '-_', '+/'));
}

function sso_part(string $text): array
{
    return (array) (json_decode(sso_bytes($text), true) ?? throw new SSORefused('malformed', 401));
}

/** The signature is r and s, 32 bytes each (RFC 7518 section 3.4); OpenSSL reads ASN.1. */
function sso_der(string $signature): string
{
    $integers = '';
    foreach (str_split(sso_bytes($signature), 32) as $bytes) {
        $number = ltrim($bytes, "\0");
        if ($number === '' || ord($number[0]) > 127) $number = "\0$number";
        $integers .= "\x02" . chr(strlen($number)) . $number;
    }
    return "\x30" . chr(strlen($integers)) . $integers;
}

/**
 * The public key with this id. The keys are fetched when they are `$keep` seconds old and for an unknown id, but not again
 * within the pause, so that forged ids cause no load. Without an answer the old keys stay in use.
 */
function sso_key(string $id, string $url, string $cache, int $pause, int $keep): ?string
{
    $kept = json_decode((string) @file_get_contents($cache), true) ?? ['tried' => 0, 'fetched' => 0, 'keys' => []];
    if ((!isset($kept['keys'][$id]) || time() - $kept['fetched'] > $keep) && time() - $kept['tried'] > $pause) {
        $kept['tried'] = time();
        $options = ['timeout' => 3, 'follow_location' => 0];
        $found = json_decode((string) @file_get_contents($url, false, stream_context_create(['http' => $options])), true);
        if (isset($found['keys'])) {
            $usable = array_filter($found['keys'], fn ($key) => [$key['kty'], $key['crv'] ?? ''] === ['EC', 'P-256']);
            $kept['keys'] = array_column(array_map(fn ($key) => [$key['kid'], sso_pem($key)], $usable), 1, 0);
            $kept['fetched'] = time();
        }
        file_put_contents($new = $cache . getmypid(), json_encode($kept));
        rename($new, $cache);
    }
    if ($kept['fetched'] === 0) throw new SSORefused('no_keys', 503);
    return $kept['keys'][$id] ?? null;
}

function sso_pem(array $key): string
{
    $prefix = hex2bin('3059301306072a8648ce3d020106082a8648ce3d03010703420004');
    $text = chunk_split(base64_encode($prefix . sso_bytes($key['x']) . sso_bytes($key['y'])), 64);
    return "-----BEGIN PUBLIC KEY-----\n$text-----END PUBLIC KEY-----\n";
}
