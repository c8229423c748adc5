<?php
// A small app behind the gateway: ISSUER=… AUDIENCE=… KEYS=… CACHE=… php -S 127.0.0.1:PORT index.php
declare(strict_types=1);

require __DIR__ . '/sso_member.php';

header('Content-Type: application/json');
try {
    $member = sso_member(getenv('ISSUER'), getenv('AUDIENCE'), getenv('KEYS'), getenv('CACHE'));
    $isTeam = $_SERVER['REQUEST_URI'] === '/team';
    http_response_code($isTeam && $member['role'] !== 'ADMIN' ? 403 : 200);
    echo json_encode($member);
} catch (SSORefused $refusal) {
    http_response_code($refusal->getCode());
    echo json_encode(['error' => ['code' => 'not_signed_in', 'reason' => $refusal->getMessage()]]);
}
