import Testing

/// The code on the manual's pages for apps is the code that `Tests/Apps/run` runs.
@Suite struct AppManualTests {
    @Test(arguments: [
        ("NodeApps", ["express/app.js", "express/plain.js", "express/sso-member.js"]),
        ("PythonApps", ["starlette/fastapi_app.py", "starlette/app.py", "starlette/sso_member.py"]),
        ("RubyApps", ["rack/config.ru", "rack/sso_member.rb", "rack/sso_keys.rb"]),
        (
            "GoApps",
            ["go/main.go", "go/ssomember/ssomember.go", "go/ssomember/assertion.go", "go/ssomember/keyset.go"]
        ),
        ("PHPApps", ["php/index.php", "php/sso_member.php"]),
        (
            "SwiftApps",
            [
                "swift/Sources/App/App.swift", "swift/Sources/SSOMember/SSOMember.swift",
                "swift/Sources/SSOMember/SSOKeys.swift",
            ]
        ),
    ])
    func `a page shows the files that are tested`(_ name: String, files: [String]) throws {
        let page = try DocumentationTests.read("Sources/Gateway/Gateway.docc/\(name).md")
        // Odd parts are inside of fences. A fence's first line names the language.
        let blocks = "\n\(page)".split(separator: "\n```").enumerated().filter { $0.offset % 2 == 1 }
            .map { $0.element.drop { $0 != "\n" }.dropFirst() + "\n" }
        let texts = try files.map { try DocumentationTests.read("Tests/Apps/" + $0) }
        #expect(blocks.map(String.init) == texts)
    }
}
