// swift-tools-version: 6.0

import PackageDescription

let package = Package(
    name: "app",
    dependencies: [.package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2")],
    targets: [
        .target(name: "SSOMember", dependencies: [.product(name: "Crypto", package: "swift-crypto")]),
        .executableTarget(name: "App", dependencies: ["SSOMember"]),
    ]
)
