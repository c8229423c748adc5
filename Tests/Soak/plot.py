"""The fitted line through measurements, and a plot of them as SVG."""

PANELS = [("memory", "resident memory, MiB", 1024), ("descriptors", "open descriptors", 1), ("threads", "threads", 1)]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, GAP = 800, 110, 60, 40, 58, 46


def fit(seconds, values):
    """Slope and value at 0 of the least-squares line."""
    count = len(seconds)
    mean_x, mean_y = sum(seconds) / count, sum(values) / count
    spread = sum((x - mean_x) ** 2 for x in seconds)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(seconds, values)) / spread if spread else 0
    return slope, mean_y - slope * mean_x


def second_half(seconds, values):
    start = len(seconds) // 2
    return seconds[start:], values[start:]


def growth(seconds, values):
    """From the middle to the end of the run, by the line through the second half."""
    times, values = second_half(seconds, values)
    return fit(times, values)[0] * (times[-1] - times[0])


def svg(table, title):
    seconds = table["seconds"]
    height = TOP + len(PANELS) * (HEIGHT + GAP)
    words, lines = title.split(", "), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 95:
            lines.append("")
        lines[-1] += ("" if not lines[-1] else ", ") + word
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
             'font-family="sans-serif" font-size="13">', f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>']
    parts += [f'<text x="{LEFT}" y="{20 + 17 * number}">{line}</text>' for number, line in enumerate(lines)]
    for number, (name, label, unit) in enumerate(PANELS):
        top = TOP + number * (HEIGHT + GAP)
        values = [value / unit for value in table[name]]
        # The next multiple of ten above the line.
        most = 10 * (int(max(values) * 1.1 / 10) + 1)
        step = max(1, -(-len(values) // 360))

        def place(time, value):
            x = LEFT + (WIDTH - LEFT - RIGHT) * time / (seconds[-1] or 1)
            return f"{x:.0f},{top + 20 + HEIGHT * (1 - value / most):.1f}"

        parts.append(f'<text x="{LEFT}" y="{top + 12}" font-weight="bold">{label}</text>')
        for mark in (0, most / 2, most):
            y = top + 20 + HEIGHT * (1 - mark / most)
            parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
                         f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{mark:.0f}</text>')
        points = " ".join(place(time, value) for time, value in list(zip(seconds, values))[::step])
        parts.append(f'<polyline points="{points}" fill="none" stroke="#06c" stroke-width="1.2"/>')
        times, later = second_half(seconds, values)
        slope, base = fit(times, later)
        ends = " ".join(place(time, base + slope * time) for time in (times[0], times[-1]))
        parts.append(f'<polyline points="{ends}" fill="none" stroke="#c30" stroke-width="1.5" stroke-dasharray="6 4"/>')
    for part in range(7):
        time = seconds[-1] * part / 6
        x = LEFT + (WIDTH - LEFT - RIGHT) * part / 6
        parts.append(f'<text x="{x:.0f}" y="{height - 8}" text-anchor="middle">{time / 60:.2g} min</text>')
    return "\n".join([*parts, "</svg>", ""])
