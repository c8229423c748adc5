import GRDB
import Gateway

/// The changes of one table in the order of their numbers. Reads one row at a time.
struct ChangeCursor {
    private let rows: RowCursor
    private let record: (Row) throws -> StoreChange.Record
    private let number: Int
    /// The change that `next` returns.
    private(set) var head: StoreChange?

    /// `number`: the column of the change's number.
    init(_ rows: RowCursor, number: Int, _ record: @escaping (Row) throws -> StoreChange.Record) throws {
        self.rows = rows
        self.number = number
        self.record = record
        head = try read()
    }

    mutating func next() throws -> StoreChange? {
        let change = head
        head = try read()
        return change
    }

    private func read() throws -> StoreChange? {
        guard let row = try rows.next() else { return nil }
        return StoreChange(number: try row.at(number), record: try record(row))
    }
}
