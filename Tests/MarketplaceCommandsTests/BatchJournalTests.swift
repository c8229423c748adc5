import Glibc
import TestSupport
import Testing

@testable import sso_gateway

@Suite struct `A batch's journal` {
    private typealias Word = BatchJournal.Word

    /// What a record is after these words, and after the process has ended there.
    @Test(
        arguments: [
            ([], .open), ([.sending], .inDoubt), ([.sending, .confirmed], .done), ([.sending, .notSent], .open),
            ([.sending, .refused], .open), ([.sending, .noAnswer], .inDoubt), ([.sending, .conflict], .conflict),
            ([.sending, .exists], .done), ([.sending, .sending], .inDoubt),
            ([.sending, .sending, .notSent], .inDoubt), ([.sending, .noAnswer, .sending, .refused], .inDoubt),
            ([.sending, .noAnswer, .sending, .exists], .done), ([.sending, .arrived], .done),
            ([.sending, .noAnswer, .sendAgain], .open), ([.sending, .noAnswer, .sendAgain, .sending], .inDoubt),
            ([.sending, .conflict, .sendAgain], .open), ([.sending, .conflict, .arrived], .done),
        ] as [([BatchJournal.Word], BatchJournal.State)])
    func `knows what may have arrived`(_ words: [BatchJournal.Word], _ state: BatchJournal.State) throws {
        let world = try BatchWorld()
        try note(words, world)
        let again = try world.journal()
        #expect(again.state(of: world.records[1]) == state && again.state(of: world.records[0]) == .open)
        #expect(again.isContinued == !words.isEmpty)
    }

    private func note(_ words: [BatchJournal.Word], _ world: BatchWorld) throws {
        let journal = try world.journal()
        for word in words { try journal.note(word, world.records[1]) }
    }

    @Test func `drops a line that is not complete, and no other`() throws {
        let world = try BatchWorld()
        try note([.sending, .confirmed], world)
        let whole = world.text
        // Cut off at every place, it is never read as more than it says.
        let ends = whole.utf8.enumerated().filter { $0.element == UInt8(ascii: "\n") }.map { $0.offset + 1 }
        for length in 0...whole.utf8.count {
            try world.folder.write("file.progress", String(decoding: whole.utf8.prefix(length), as: UTF8.self))
            let lines = ends.filter { $0 <= length }.count
            let state = try world.journal().state(of: world.records[1])
            #expect(state == (lines < 2 ? .open : lines == 2 ? .inDoubt : .done), "\(length)")
            #expect(world.text.hasSuffix("\n"))
        }
    }

    @Test func `is for its owner alone, and for one process at a time`() throws {
        let world = try BatchWorld()
        let first = try world.journal()
        var status = stat()
        #expect(unsafe stat(world.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        let error = #expect(throws: BatchJournal.Problem.self) { try world.journal() }
        #expect(error?.description.hasSuffix("is in use: another process is sending this file.") == true)
        withExtendedLifetime(first) {}
    }

    @Test func `refuses another file and another broker`() throws {
        let world = try BatchWorld()
        try note([.sending, .confirmed], world)
        for (head, words) in [
            (BatchJournal.Head(input: "other", broker: BatchWorld.head.broker), "was begun with another file"),
            (
                BatchJournal.Head(input: "input", broker: "unix:/other"),
                "was begun at http://127.0.0.1:1, and this is unix:/other"
            ),
        ] {
            let error = #expect(throws: BatchJournal.Problem.self) { try world.journal(head) }
            #expect(error?.description.contains(words) == true)
        }
        let moved = try world.journal(.init(input: "input", broker: "unix:/other"), moved: true)
        #expect(moved.state(of: world.records[1]) == .done)
    }

    @Test func `is begun anew for a corrected file when nothing was sent`() throws {
        let world = try BatchWorld()
        try note([], world)
        let journal = try world.journal(.init(input: "corrected", broker: "unix:/b"))
        #expect(!journal.isContinued && world.text.contains("corrected") && !world.text.contains("127.0.0.1"))
    }

    @Test(arguments: [
        "no JSON\n", "{}\n", #"{"journal":"sso-gateway billing submit 2","input_sha256":"input"}"# + "\n",
        "HEAD" + #"{"record":9,"state":"sending","sha256":"x"}"# + "\n",
        "HEAD" + #"{"record":1,"state":"sending","sha256":"x"}"# + "\n",
        "HEAD" + #"{"record":1,"state":"sent"}"# + "\n", "HEAD" + #"{"record":"1","state":"confirmed"}"# + "\n",
        "HEAD" + #"{"record":9223372036854775807,"state":"confirmed"}"# + "\n", "HEAD\n\u{0}\n",
        // Files of other kinds, whose last line has no end: once, that line was cut off before the first one was read.
        "token", #"{"journal":"sso-gateway billing submit 2""#, #"{"access_token":"x"}"#, "a: 1\nb: 2",
        "{}\n{}", BatchSample.csv() + "icfg_1,usage", #"{"journal":"sso-gateway billing submit 1"}"# + "\nx",
        "HEAD" + #"{"record":1,"state":"sent"}"# + "\n{",
    ])
    func `refuses what it cannot have written`(_ content: String) throws {
        let world = try BatchWorld()
        let head = #"{"journal":"sso-gateway billing submit 1","input_sha256":"input","broker":"http://127.0.0.1:1"}"#
        let text = content.replacing("HEAD", with: head + "\n")
        try world.folder.write("file.progress", text)
        #expect(throws: BatchJournal.Problem.self) { try world.journal() }
        #expect(world.text == text)
    }

    private static let settling = BatchJournal.Head(input: "input", broker: nil)

    @Test(arguments: [BatchWorld.head, settling])
    func `is neither the input nor another file of the command`(_ head: BatchJournal.Head) throws {
        let world = try BatchWorld()
        // Also under another name, and where it is empty, as a journal may be.
        for content in ["token", ""] {
            try world.folder.write("file.progress", content)
            #expect(unsafe symlink(world.path, world.folder.path("token\(content)")) == 0)
            let others = [("input", world.folder.path("none")), ("token file", world.folder.path("token\(content)"))]
            let error = #expect(throws: BatchJournal.Problem.self) { try world.journal(head, others: others) }
            #expect(error?.description.hasSuffix("is the token file: give another --journal.") == true)
            #expect(world.text == content)
        }
    }

    /// What is done to a journal by another user or by accident, and what is said of it.
    private static let changes: [(change: @Sendable (BatchWorld) -> Int32, says: String)] = [
        ({ unsafe chmod($0.path, 0o620) }, "can be written by other users"),
        ({ unsafe chmod($0.path, 0o602) }, "can be written by other users"),
        ({ unsafe link($0.path, $0.folder.path("second")) }, "has a second name"),
        ({ unsafe unlink($0.path) + mkfifo($0.path, 0o600) }, "is not a plain file"),
        ({ unsafe unlink($0.path) + mkdir($0.path, 0o700) }, "Is a directory"),
        (
            { unsafe rename($0.path, $0.folder.path("real")) + symlink("real", $0.path) },
            "a symbolic link is not followed"
        ),
    ]

    @Test(arguments: changes.indices, [BatchWorld.head, settling])
    func `is believed only where no other user can have written it`(_ index: Int, _ head: BatchJournal.Head) throws {
        let world = try BatchWorld()
        try note([.sending, .confirmed], world)
        #expect(Self.changes[index].change(world) == 0)
        let error = #expect(throws: BatchJournal.Problem.self) { try world.journal(head) }
        #expect(error?.description.contains(Self.changes[index].says) == true)
    }

    @Test(.enabled(if: geteuid() == 0, "Only root can give a file away."))
    func `is believed only where it belongs to the user`() throws {
        let world = try BatchWorld()
        try note([.sending, .confirmed], world)
        #expect(unsafe chown(world.path, 65_534, 65_534) == 0)
        let error = #expect(throws: BatchJournal.Problem.self) { try world.journal() }
        #expect(error?.description.contains("belongs to another user") == true)
    }

    /// Words that no process can have written in this order.
    @Test(
        arguments: Word.allCases.filter { $0 != .sending }.map { [$0] }
            + Word.allCases.map { [.sending, .confirmed, $0] } + [[.sending, .conflict, .sending]])
    func `has an answer only behind an announcement`(_ words: [BatchJournal.Word]) throws {
        let world = try BatchWorld()
        try note(words, world)
        let error = #expect(throws: BatchJournal.Problem.self) { try world.journal() }
        #expect(
            error?.description.hasSuffix(":\(words.count + 1): is damaged, or of another version. Nothing was changed.")
                == true)
    }

    @Test func `has file names on one line and without commands for a terminal`() {
        #expect(BatchJournal.Problem("a\u{1b}[2J\n✓ b").description == "a[2J ✓ b")
        let report = BatchReport(file: "a\n✓ b", outcomes: [], stopped: "c\n✓ d\u{1b}[32m")
        #expect(report.text(Terminal()) == "✓ a ✓ b: 0 records\n")
        #expect(report.complaints.first?.hasPrefix("Stopped: c ✓ d[32m\nStart") == true)
    }

    @Test func `follows no link and begins nothing for a command that only settles`() throws {
        let world = try BatchWorld()
        let settling = BatchJournal.Head(input: "input", broker: nil)
        #expect(throws: BatchJournal.Problem.self) { try world.journal(settling) }
        #expect(unsafe access(world.path, F_OK) != 0)
        #expect(unsafe symlink(world.folder.path("elsewhere"), world.path) == 0)
        #expect(throws: BatchJournal.Problem.self) { try world.journal() }
        #expect(unsafe access(world.folder.path("elsewhere"), F_OK) != 0)
    }
}
