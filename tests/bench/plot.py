"""A plot of lines on two logarithmic axes, as SVG."""
import math

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 110, 44, 54
COLOURS = ["#c0392b", "#2471a3", "#239b56", "#b9770e", "#7d3c98", "#5d6d7e"]


def decades(values):
    """The powers of ten around some values: (lowest, highest)."""
    low = math.floor(math.log10(min(values)))
    return low, max(math.ceil(math.log10(max(values))), low + 1)


def power_label(power):
    return {0: "1", 1: "10"}.get(power, f'10<tspan dy="-5" font-size="9">{power}</tspan>')


class Axes:
    def __init__(self, xs, ys):
        self.x_low, self.x_high = decades(xs)
        self.y_low, self.y_high = decades(ys)

    def x(self, value):
        return LEFT + (math.log10(value) - self.x_low) / (self.x_high - self.x_low) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        return HEIGHT - BOTTOM - (math.log10(value) - self.y_low) / (self.y_high - self.y_low) * (HEIGHT - TOP - BOTTOM)

    def grid(self):
        for power in range(self.x_low, self.x_high + 1):
            x = self.x(10 ** power)
            yield f'<path class="grid" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>'
            yield f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{power_label(power)}</text>'
        for power in range(self.y_low, self.y_high + 1):
            y = self.y(10 ** power)
            yield f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
            yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{power_label(power)}</text>'


def spread(labels, gap=15):
    """Labels [(y, …)] moved down so that none lies on another."""
    placed = []
    for y, *rest in sorted(labels):
        placed.append((max(y, placed[-1][0] + gap) if placed else y, *rest))
    return placed


def svg(title, x_title, y_title, lines):
    """`lines`: {name: [(x, y), …]}, all above 0."""
    points = [p for line in lines.values() for p in line]
    axes = Axes([x for x, _ in points], [y for _, y in points])
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="12" fill="#333">',
           '<style>.grid{stroke:#ddd;fill:none}.line{fill:none;stroke-width:2}</style>',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
           f'<text x="{LEFT}" y="24" font-size="15">{title}</text>', *axes.grid(),
           f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 14}" text-anchor="middle">{x_title}</text>',
           f'<text transform="translate(20 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">{y_title}</text>']
    labels = []
    for (name, line), colour in zip(lines.items(), COLOURS * len(lines)):
        path = "L".join(f"{axes.x(x):.1f} {axes.y(y):.1f}" for x, y in line)
        out.append(f'<path class="line" stroke="{colour}" d="M{path}"/>')
        out += [f'<circle cx="{axes.x(x):.1f}" cy="{axes.y(y):.1f}" r="3" fill="{colour}"/>' for x, y in line]
        labels.append((axes.y(line[-1][1]), axes.x(line[-1][0]), name, colour))
    out += [f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{colour}">{name}</text>' for y, x, name, colour in spread(labels)]
    return "\n".join([*out, "</svg>"]) + "\n"
