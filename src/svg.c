/* SPDX-License-Identifier: BSD-2-Clause */
#include "svg.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/* The bytes of the character that begins here, by its first byte; 0: none begins so. */
static int character_size(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* Whether XML allows a character: no surrogates, no code points that are none. */
static bool allowed(uint32_t character, int size)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (character < least[size] || character > 0x10ffff)
		return false;
	if (character >= 0xd800 && character < 0xe000)
		return false;
	return (character & 0xfffe) != 0xfffe;
}

/* The size of the whole, valid character at `text`; 0: there is none. */
static int character_valid(const unsigned char *text)
{
	int size = character_size(text[0]);
	uint32_t character = text[0] & (0xff >> (size + 1));

	if (size <= 1)
		return size;
	for (int i = 1; i < size; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (text[i] & 0x3f);
	}
	return allowed(character, size) ? size : 0;
}

static void escape_ascii(FILE *stream, unsigned char byte)
{
	switch (byte) {
	case '&':
		fputs("&amp;", stream);
		break;
	case '<':
		fputs("&lt;", stream);
		break;
	case '>':
		fputs("&gt;", stream);
		break;
	case '"':
		fputs("&quot;", stream);
		break;
	case '\'':
		fputs("&#39;", stream);
		break;
	default:
		if (byte < 0x20 || byte == 0x7f)
			fprintf(stream, "\\x%02x", byte);
		else
			fputc(byte, stream);
	}
}

void svg_escape(FILE *stream, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at) {
		int size = character_valid(at);

		if (size == 1)
			escape_ascii(stream, *at);
		else if (size == 0)
			fputc('?', stream);
		else
			fwrite(at, 1, (size_t)size, stream);
		at += size ? size : 1;
	}
}

double svg_at(const struct svg_axis *axis, double value)
{
	double share = axis->to > axis->from ? (value - axis->from) / (axis->to - axis->from) : 0;

	share = share < 0 ? 0 : share > 1 ? 1 : share;
	return axis->at + share * axis->size;
}

double svg_step(double range, int steps)
{
	double rough, power;

	if (!(range > 0))
		return 1;
	rough = range / steps;
	power = pow(10, floor(log10(rough)));
	if (rough <= power * 1.0001)
		return power;
	if (rough <= 2 * power)
		return 2 * power;
	return rough <= 5 * power ? 5 * power : 10 * power;
}

void svg_line(FILE *stream, const char *class, double x1, double y1, double x2, double y2)
{
	fprintf(stream, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
		class, x1, y1, x2, y2);
}

void svg_rect(FILE *stream, const char *class, double x, double y, double width, double height)
{
	fprintf(stream,
		"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
		class, x, y, width, height);
}

void svg_label(FILE *stream, const char *class, double x, double y, enum svg_anchor anchor,
	       const char *text)
{
	static const char *const anchors[] = { "start", "middle", "end" };

	fprintf(stream, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", class, x, y,
		anchors[anchor]);
	svg_escape(stream, text);
	fputs("</text>\n", stream);
}

void svg_labelf(FILE *stream, const char *class, double x, double y, enum svg_anchor anchor,
		const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	svg_label(stream, class, x, y, anchor, text);
}
