extension Row {
    static let streams = [
        Row("an event stream arrives event by event") { visit in
            let response = try await visit.send(.init(path: "/events?count=4"), patience: 15)
            let first = response.firstByteSeconds ?? .infinity
            let holds = response.status == 200 && response.body.contains("data: 3") && first < response.seconds - 1.5
            return Cell(holds ? "at once" : "\(first) s of \(response.seconds) s", holds)
        },
        Row("RT-125 an event stream of 17 s", isLong: true) { visit in
            let response = try await visit.send(.init(path: "/events"), patience: 40)
            let holds = response.status == 200 && response.body.contains("data: 16") && response.error == nil
            return Cell(holds ? "whole" : "cut after \(response.seconds) s", holds)
        },
        Row("RT-125 an answer after 65 s", [.http1, .http2], isLong: true) { visit in
            let response = try await visit.send(.init(path: "/long?seconds=65"), patience: 90)
            return Cell(response.status, response.status == 200 && response.body == "long")
        },
        Row("connections at the end of their keep-alive", isLong: true) { visit in
            // Eight at once, so that the proxy keeps eight connections to the gateway, which closes them after 30 s.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { _ = try await visit.send(.init(path: "/dashboard")) } }
                try await group.waitForAll()
            }
            try await Task.sleep(for: .seconds(29))
            let responses = try await visit.send((0..<100).map { _ in .init(path: "/dashboard") }, patience: 20)
            let failed = responses.filter { $0.status != 200 }.map(\.status)
            return Cell(failed.isEmpty ? "answered" : "\(failed)", failed.isEmpty)
        },
    ]
}
