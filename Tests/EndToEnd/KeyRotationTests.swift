import Foundation
import Gateway
import SecretMemory
import TestSupport
import Testing

@testable import ProviderStandIn

/// `keys` commands and SIGHUP, while the gateway serves.
@Suite struct KeyRotationTests {
    @Test func `a rotation under load ends no session, and a retired key opens no session`() async throws {
        try await SignedInProcess.run { world, browser in
            let ring = world.folder.path + "/keys.json"
            func keys(_ arguments: [String]) async throws -> String {
                let (code, output) = try await GatewayProcess.run(
                    ["keys"] + arguments + ["--key-ring", ring], in: try TestFolder())
                #expect(code == 0, "\(output)")
                return output
            }
            let first = try KeyRingFile(parsing: SecretBytes(String(contentsOfFile: ring, encoding: .utf8))).keys[0].id
            let statuses = Task {
                try await ConcurrencyTests.atOnce(100) { number in
                    number.isMultiple(of: 4)
                        ? try await world.browser().callBack(world.standIn.click()).status == 303
                        : try await SignedInProcess.decision(browser, "/").status == 200
                }
            }
            for arguments in [["rotate", "--prepare"], ["rotate"]] {
                _ = try await keys(arguments)
                _ = try await world.reload("configuration_reloaded")
            }
            #expect(try await statuses.value.filter { !$0 }.count == 0)
            let second = world.browser()
            #expect(try await second.callBack(world.standIn.click()).status == 303)
            _ = try await keys(["retire", first])
            #expect(try await SignedInProcess.decision(browser, "/").status == 200)
            _ = try await world.reload("configuration_reloaded")
            #expect(try await SignedInProcess.decision(browser, "/").status == 401)
            #expect(try await SignedInProcess.decision(second, "/").status == 200)
            #expect(try await keys(["list"]).contains("makes and opens"))
        }
    }

    @Test(arguments: ["", "store: sqlite:STORE"])
    func `RT-45: a code is exchanged once, whatever is reloaded and rotated in between`(store: String) async throws {
        let folder = try TestFolder()
        try await SignedInProcess.run(extra: store.replacing("STORE", with: folder.path + "/store.sqlite")) {
            world, _ in
            let ring = world.folder.path + "/keys.json"
            let query = world.standIn.click()
            let browser = world.browser()
            #expect(try await browser.callBack(query).status == 303)
            let exchanges = world.standIn.counters.exchanges
            for step in 0..<3 {
                if step > 0 {
                    let (code, _) = try await GatewayProcess.run(["keys", "rotate", "--key-ring", ring], in: folder)
                    #expect(code == 0)
                }
                _ = try await world.reload("configuration_reloaded")
                #expect(try await browser.callBack(query).status == 303)
                #expect(try await world.browser().callBack(query).status != 200)
            }
            #expect(world.standIn.counters.exchanges == exchanges)
        }
    }
}
