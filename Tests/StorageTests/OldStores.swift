import GRDB
import Glibc

/// A file of every version of the tables, dumped as SQL. A released one never changes; a new step of `StoreMigrations` needs a
/// new one.
enum OldStores {
    static let versions = dumps.keys.sorted()

    /// Makes the file, for its owner alone.
    static func write(_ version: Int, to path: String) throws {
        let file = try DatabaseQueue(path: path)
        // A dump has its own transaction.
        try file.writeWithoutTransaction { try $0.execute(sql: dumps[version] ?? "") }
        try file.close()
        _ = unsafe chmod(path, 0o600)
    }

    private static let dumps: [Int: String] = [
        1: #"""
        BEGIN TRANSACTION;
        CREATE TABLE change_sequence (number BIGINT NOT NULL);
        INSERT INTO "change_sequence" VALUES(7);
        CREATE TABLE code (mark TEXT NOT NULL PRIMARY KEY, session_id TEXT, keep_until BIGINT NOT NULL);
        INSERT INTO "code" VALUES('0b','',9000000000);
        CREATE TABLE installation (
            integration TEXT NOT NULL, installation_id TEXT NOT NULL, account_id TEXT NOT NULL, account_name TEXT,
            account_url TEXT, status TEXT NOT NULL, sealed_token TEXT NOT NULL, changed_at BIGINT NOT NULL,
            change BIGINT NOT NULL, PRIMARY KEY (integration, installation_id));
        INSERT INTO "installation" VALUES('live','icfg_1','team_1','Zoë''s “team”','https://vercel.test/d','active','0a1b2c3d.c2VhbGVk',1700000000000,2);
        INSERT INTO "installation" VALUES('live','icfg_2','',NULL,NULL,'removed','',1700000000001,3);
        CREATE TABLE member (
            integration TEXT NOT NULL, installation_id TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT,
            checked_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, change BIGINT NOT NULL,
            PRIMARY KEY (integration, installation_id, user_id));
        INSERT INTO "member" VALUES('live','icfg_1','ada','ADMIN',1700000000,1700000000000,4);
        INSERT INTO "member" VALUES('live','icfg_1','ben',NULL,1700000001,1700000001000,5);
        CREATE TABLE revocation (
            scope TEXT NOT NULL, session_id TEXT NOT NULL, integration TEXT NOT NULL,
            installation_id TEXT NOT NULL, user_id TEXT NOT NULL, issued_up_to BIGINT NOT NULL,
            keep_until BIGINT NOT NULL, change BIGINT NOT NULL,
            PRIMARY KEY (scope, session_id, integration, installation_id, user_id));
        INSERT INTO "revocation" VALUES('member','','live','icfg_1','ben',1700000001,1700030000,6);
        INSERT INTO "revocation" VALUES('everything','','','','',1600000000,1600030000,7);
        CREATE TABLE schema_version (version BIGINT NOT NULL);
        INSERT INTO "schema_version" VALUES(1);
        CREATE TABLE webhook (
            integration TEXT NOT NULL, webhook_id TEXT NOT NULL, keep_until BIGINT NOT NULL,
            PRIMARY KEY (integration, webhook_id));
        INSERT INTO "webhook" VALUES('live','evt_1',9000000000);
        CREATE INDEX installation_change ON installation (change);
        CREATE INDEX member_change ON member (change);
        CREATE INDEX revocation_change ON revocation (change);
        COMMIT;
        """#,
        2: #"""
        BEGIN TRANSACTION;
        CREATE TABLE change_sequence (number BIGINT NOT NULL);
        INSERT INTO "change_sequence" VALUES(7);
        CREATE TABLE code (mark TEXT NOT NULL PRIMARY KEY, session_id TEXT, keep_until BIGINT NOT NULL);
        INSERT INTO "code" VALUES('0b','',9000000000);
        CREATE TABLE installation (
            integration TEXT NOT NULL, installation_id TEXT NOT NULL, account_id TEXT NOT NULL, account_name TEXT,
            account_url TEXT, status TEXT NOT NULL, sealed_token TEXT NOT NULL, changed_at BIGINT NOT NULL,
            change BIGINT NOT NULL, PRIMARY KEY (integration, installation_id));
        INSERT INTO "installation" VALUES('live','icfg_1','team_1','Zoë''s “team”','https://vercel.test/d','active','0a1b2c3d.c2VhbGVk',1700000000000,2);
        INSERT INTO "installation" VALUES('live','icfg_2','',NULL,NULL,'removed','',1700000000001,3);
        CREATE TABLE member (
            integration TEXT NOT NULL, installation_id TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT,
            checked_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, change BIGINT NOT NULL,
            PRIMARY KEY (integration, installation_id, user_id));
        INSERT INTO "member" VALUES('live','icfg_1','ada','ADMIN',1700000000,1700000000000,4);
        INSERT INTO "member" VALUES('live','icfg_1','ben',NULL,1700000001,1700000001000,5);
        CREATE TABLE revocation (
            scope TEXT NOT NULL, session_id TEXT NOT NULL, integration TEXT NOT NULL,
            installation_id TEXT NOT NULL, user_id TEXT NOT NULL, issued_up_to BIGINT NOT NULL,
            keep_until BIGINT NOT NULL, change BIGINT NOT NULL,
            PRIMARY KEY (scope, session_id, integration, installation_id, user_id));
        INSERT INTO "revocation" VALUES('member','','live','icfg_1','ben',1700000001,1700030000,6);
        INSERT INTO "revocation" VALUES('everything','','','','',1600000000,1600030000,7);
        CREATE TABLE schema_version (version BIGINT NOT NULL);
        INSERT INTO "schema_version" VALUES(2);
        CREATE TABLE webhook (
            integration TEXT NOT NULL, webhook_id TEXT NOT NULL, keep_until BIGINT NOT NULL,
            PRIMARY KEY (integration, webhook_id));
        INSERT INTO "webhook" VALUES('live','evt_1',9000000000);
        CREATE INDEX installation_change ON installation (change);
        CREATE INDEX member_change ON member (change);
        CREATE INDEX revocation_change ON revocation (change);
        CREATE INDEX member_checked ON member (checked_at);
        CREATE INDEX revocation_keep ON revocation (keep_until);
        CREATE INDEX webhook_keep ON webhook (keep_until);
        CREATE INDEX code_keep ON code (keep_until);
        COMMIT;
        """#,
        3: #"""
        BEGIN TRANSACTION;
        CREATE TABLE change_sequence (number BIGINT NOT NULL);
        INSERT INTO "change_sequence" VALUES(7);
        CREATE TABLE code (mark TEXT NOT NULL PRIMARY KEY, session_id TEXT, keep_until BIGINT NOT NULL);
        INSERT INTO "code" VALUES('0b','',9000000000);
        CREATE TABLE installation (
            integration TEXT NOT NULL, installation_id TEXT NOT NULL, account_id TEXT NOT NULL, account_name TEXT,
            account_url TEXT, status TEXT NOT NULL, sealed_token TEXT NOT NULL, changed_at BIGINT NOT NULL,
            change BIGINT NOT NULL, region TEXT, PRIMARY KEY (integration, installation_id));
        INSERT INTO "installation" VALUES('live','icfg_1','team_1','Zoë''s “team”','https://vercel.test/d','active','0a1b2c3d.c2VhbGVk',1700000000000,2,NULL);
        INSERT INTO "installation" VALUES('live','icfg_2','',NULL,NULL,'removed','',1700000000001,3,NULL);
        CREATE TABLE member (
            integration TEXT NOT NULL, installation_id TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT,
            checked_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, change BIGINT NOT NULL,
            PRIMARY KEY (integration, installation_id, user_id));
        INSERT INTO "member" VALUES('live','icfg_1','ada','ADMIN',1700000000,1700000000000,4);
        INSERT INTO "member" VALUES('live','icfg_1','ben',NULL,1700000001,1700000001000,5);
        CREATE TABLE revocation (
            scope TEXT NOT NULL, session_id TEXT NOT NULL, integration TEXT NOT NULL,
            installation_id TEXT NOT NULL, user_id TEXT NOT NULL, issued_up_to BIGINT NOT NULL,
            keep_until BIGINT NOT NULL, change BIGINT NOT NULL,
            PRIMARY KEY (scope, session_id, integration, installation_id, user_id));
        INSERT INTO "revocation" VALUES('member','','live','icfg_1','ben',1700000001,1700030000,6);
        INSERT INTO "revocation" VALUES('everything','','','','',1600000000,1600030000,7);
        CREATE TABLE schema_version (version BIGINT NOT NULL);
        INSERT INTO "schema_version" VALUES(3);
        CREATE TABLE webhook (
            integration TEXT NOT NULL, webhook_id TEXT NOT NULL, keep_until BIGINT NOT NULL,
            PRIMARY KEY (integration, webhook_id));
        INSERT INTO "webhook" VALUES('live','evt_1',9000000000);
        CREATE INDEX installation_change ON installation (change);
        CREATE INDEX member_change ON member (change);
        CREATE INDEX revocation_change ON revocation (change);
        CREATE INDEX member_checked ON member (checked_at);
        CREATE INDEX revocation_keep ON revocation (keep_until);
        CREATE INDEX webhook_keep ON webhook (keep_until);
        CREATE INDEX code_keep ON code (keep_until);
        COMMIT;
        """#,
    ]
}
