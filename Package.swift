// swift-tools-version: 6.2

import PackageDescription

/// For each of our targets: Swift 6 mode, unsafe calls only where they are marked, warnings are errors.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], data: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: data, swiftSettings: strict)
}

let package = Package(
    name: "sso-gateway",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        // C libraries: a module map and a shim header each. Only the adapters import them, and a benchmark that is itself
        // written in C.
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CProcess"),

        // Adapters: the only Swift that calls a C library.
        module("OpenSSLCrypto", ["COpenSSL", "Locking", "SecretMemory"]),
        module("MicroHTTPServer", ["CMicroHTTPD", "HTTP", "Locking", "SecretMemory", "Untrusted"]),
        module("CurlHTTPClient", ["CCurl", "HTTP", "Locking", "SecretMemory"]),
        module("PostgreSQLClient", ["CPostgreSQL", "Locking"]),

        // A lock that the sanitizers understand.
        module("Locking"),

        // Plain Swift: no pointer, socket, clock or environment.
        module("Untrusted"),
        module("SecretMemory", ["Untrusted"]),
        module("HTTP", ["Locking", "SecretMemory", "Untrusted"]),
        module("HTML", ["Untrusted"]),
        module("JOSE", ["OpenSSLCrypto", "SecretMemory", "Untrusted"]),
        module("Marketplace", ["JOSE", "HTTP", "SecretMemory", "Untrusted"]),
        .target(
            name: "Gateway",
            dependencies: [
                "Marketplace", "JOSE", "HTTP", "HTML", "OpenSSLCrypto", "Locking", "SecretMemory", "Untrusted",
            ],
            // Built into the executable: `Assets` is a link to `public/`, `Texts` has the pages' texts in each language.
            resources: [.embedInCode("Pages/Assets"), .embedInCode("Pages/Texts")], swiftSettings: strict),

        // The stores.
        module(
            "Storage",
            ["Gateway", "Marketplace", "Locking", "PostgreSQLClient", .product(name: "GRDB", package: "GRDB.swift")]),

        .target(
            name: "ProviderStandIn",
            dependencies: ["JOSE", "HTTP", "HTML", "Locking", "OpenSSLCrypto", "SecretMemory", "Untrusted"],
            // The API description that it serves.
            resources: [.embedInCode("Market/OpenAPI.yaml")], swiftSettings: strict),
        .executableTarget(
            name: "sso-gateway",
            dependencies: [
                "Gateway", "Storage", "Marketplace", "ProviderStandIn", "JOSE", "HTTP", "HTML", "OpenSSLCrypto",
                "MicroHTTPServer", "CurlHTTPClient", "PostgreSQLClient", "CProcess", "Locking", "SecretMemory",
                "Untrusted",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                "Yams",
            ],
            swiftSettings: strict),

        // Tests mirror Sources.
        .target(
            name: "TestSupport", dependencies: ["HTTP", "Locking", "SecretMemory", "Untrusted"],
            path: "Tests/TestSupport",
            swiftSettings: strict),
        tests("UntrustedTests", ["Untrusted", "TestSupport"]),
        tests("SecretMemoryTests", ["SecretMemory"]),
        tests("LockingTests", ["Locking"]),
        tests("HTTPTests", ["HTTP", "SecretMemory", "Untrusted", "TestSupport"]),
        tests("HTMLTests", ["HTML"]),
        tests(
            "ProviderStandInTests",
            [
                "ProviderStandIn", "JOSE", "HTTP", "OpenSSLCrypto", "MicroHTTPServer", "CurlHTTPClient", "SecretMemory",
                "Untrusted",
                "TestSupport",
            ]),
        tests(
            "MarketplaceTests",
            ["Marketplace", "JOSE", "HTTP", "Locking", "OpenSSLCrypto", "SecretMemory", "Untrusted", "TestSupport"]),
        tests(
            "GatewayTests",
            [
                "Gateway", "Marketplace", "JOSE", "HTTP", "HTML", "Locking", "OpenSSLCrypto", "SecretMemory",
                "Untrusted", "Storage",
                "TestSupport",
            ]),
        tests(
            "ConfigurationTests",
            [
                "sso-gateway", "Gateway", "HTTP", "JOSE", "MicroHTTPServer", "SecretMemory", "Untrusted", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        tests(
            "MarketplaceCommandsTests",
            [
                "sso-gateway", "Marketplace", "HTTP", "JOSE", "SecretMemory", "Untrusted", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        tests("LoggingTests", ["sso-gateway", "Gateway", "TestSupport"]),
        tests(
            "DocumentationTests",
            [
                "sso-gateway", "Gateway", "Marketplace", "HTTP", "SecretMemory", "Untrusted", "Storage", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // Writes to a store until it is killed.
        .executableTarget(
            name: "StoreWriter", dependencies: ["Gateway", "Marketplace", "Storage"], path: "Tests/StoreWriter",
            swiftSettings: strict),
        tests(
            "StorageTests",
            [
                .product(name: "GRDB", package: "GRDB.swift"), "Storage", "StoreWriter", "Gateway", "Marketplace",
                "PostgreSQLClient", "OpenSSLCrypto",
                "SecretMemory", "Untrusted", "TestSupport",
            ]),
        // Forks, for the test of the random generator.
        .executableTarget(
            name: "ForkedRandom", dependencies: ["OpenSSLCrypto"], path: "Tests/ForkedRandom", swiftSettings: strict),
        tests("OpenSSLCryptoTests", ["OpenSSLCrypto", "ForkedRandom", "SecretMemory", "TestSupport"]),
        tests(
            "JOSETests", ["JOSE", "OpenSSLCrypto", "SecretMemory", "Untrusted", "TestSupport"],
            data: [.embedInCode("RFCExamples.json")]),
        tests(
            "MicroHTTPServerTests", ["MicroHTTPServer", "HTTP", "Locking", "SecretMemory", "Untrusted", "TestSupport"]),
        tests(
            "CurlHTTPClientTests", ["CurlHTTPClient", "HTTP", "Locking", "SecretMemory", "Untrusted", "TestSupport"],
            data: [.embedInCode("idle-closing-server.py")]),
        tests("PostgreSQLClientTests", ["PostgreSQLClient", "TestSupport"]),
        // The whole product: in this process over real sockets, and the executable as a process.
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "sso-gateway", "Gateway", "Marketplace", "ProviderStandIn", "JOSE", "HTTP", "OpenSSLCrypto", "Storage",
                "MicroHTTPServer", "CurlHTTPClient", "PostgreSQLClient", "Locking", "SecretMemory", "Untrusted",
                "TestSupport",
            ],
            path: "Tests/EndToEnd", swiftSettings: strict),
        // The fuzz targets, and a test that runs their seeds.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Gateway", "HTTP", "JOSE", "Locking", "Marketplace", "OpenSSLCrypto", "SecretMemory", "Untrusted",
                "Storage",
            ],
            path: "Tests/Fuzz/Targets", swiftSettings: strict),
        .testTarget(
            name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport"], path: "Tests/Fuzz/Replay",
            swiftSettings: strict),
        // For `Tests/Benchmarks/verify`.
        .executableTarget(
            name: "VerifyBenchmark",
            dependencies: ["JOSE", "Marketplace", "OpenSSLCrypto", "SecretMemory", "Untrusted"],
            path: "Tests/Benchmarks/VerifyToken", swiftSettings: strict),
        // For `Tests/Benchmarks/scale`.
        .executableTarget(
            name: "SessionWriter", dependencies: ["Gateway", "JOSE", "OpenSSLCrypto", "SecretMemory", "Untrusted"],
            path: "Tests/Benchmarks/SessionWriter", swiftSettings: strict),
        // For `Tests/Benchmarks/run`, written in C.
        .executableTarget(
            name: "BareLogin", dependencies: ["CMicroHTTPD", "CCurl", "COpenSSL"], path: "Tests/Benchmarks/BareLogin",
            cSettings: [.treatAllWarnings(as: .error)]),
        .testTarget(
            name: "ProxiesTests",
            dependencies: [
                "sso-gateway", "Gateway", "Marketplace", "HTTP", "Locking", "MicroHTTPServer", "SecretMemory",
                "Untrusted",
                "TestSupport",
            ],
            path: "Tests/Proxies", exclude: ["apps.py", "folding-app.py", "matrix", "raw-client.py", "raw_streams.py"],
            swiftSettings: strict),
    ]
)

// For `Tests/Fuzz/run` only: the driver links with libFuzzer's own build flags and no others.
if Context.environment["GATEWAY_FUZZ"] != nil {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzz/CLibFuzzer"),
        .executableTarget(
            name: "Fuzz", dependencies: ["FuzzTargets", "CLibFuzzer"], path: "Tests/Fuzz/Driver", swiftSettings: strict,
            // gold crashes on the instrumented objects.
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
    ]
}
