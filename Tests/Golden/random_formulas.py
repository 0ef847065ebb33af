"""Random formulas over random arrays, with NumPy's answers: what the property test of the whole system compares with.

    random_formulas.py make FOLDER SEED COUNT  writes COUNT cases: arrays FOLDER/<case>.<name>.npy, and
                                               FOLDER/cases.json with chunks, steps, names of results, formulas
                                               that NumPy refuses, and a number to draw more from
    random_formulas.py check FOLDER RESULTS    compares the arrays in the file RESULTS with NumPy's; prints what
                                               differs and exits with 1

RESULTS holds for each array a line `case name type extents bytes` (`-` for no extents) and its elements.

A case is a program of steps: `t = formula`, `t = base; t[index] = formula`, and steps that give what they were given
(blocks mapped by the identity, arrays dealt out over ranks and gathered again).

Integers and bools must be equal, and so must floats as long as operations that IEEE 754 rounds correctly made them.
Behind sums, products and elementary functions they are `rough`: they may differ by as many roundings of the narrowest
type as the largest number on the way allows, and only smooth functions are applied to them.
"""

import ast
import json
import random
import sys
import warnings

import numpy as np

TYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "f8", "f8", "c8", "c16"]
ROUNDINGS = 512
REFUSALS = (ValueError, TypeError, IndexError, OverflowError, np.exceptions.AxisError)

UNARY = "negative absolute sign floor ceil trunc rint square isnan isinf isfinite logical_not invert conjugate real " \
    "imag positive signbit sqrt reciprocal".split()
UNARY_SMOOTH = "sin cos tanh arctan arcsinh".split()
BINARY = "add subtract multiply divide floor_divide remainder fmod maximum minimum fmax fmin equal not_equal less " \
    "less_equal greater greater_equal bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd lcm copysign " \
    "logical_and logical_or logical_xor heaviside nextafter arctan2 hypot logaddexp".split()
OPERATORS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "floor_divide": "//", "remainder": "%", "equal": "==",
    "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "bitwise_and": "&",
    "bitwise_or": "|", "bitwise_xor": "^", "left_shift": "<<", "right_shift": ">>"}
ZERO_SIGN_MATTERS = {"divide", "copysign", "signbit", "arctan2", "reciprocal", "nextafter", "floor_divide", "remainder"}
ROUGH_BINARY = {"arctan2", "hypot", "logaddexp"}
COMPLEX_ROUGH = {"multiply", "divide", "square", "reciprocal", "sqrt", "absolute", "sign"}
REDUCTIONS = "sum prod mean std var min max argmin argmax ptp all any count_nonzero nansum nanprod nanmean nanstd " \
    "nanvar nanmin nanmax".split()


class Term:
    """A formula with its value by NumPy.

    `rough`: 0, or the unit roundoff of the narrowest type in which it was rounded. `size`: the largest finite number on
    the way. `zeros`: whether the signs of zeros are open.
    """

    def __init__(self, text, value, rough=0.0, size=0.0, zeros=False):
        self.text, self.value, self.rough, self.zeros = text, np.asarray(value), rough, zeros
        finite = np.abs(self.value[np.isfinite(self.value)].astype("c16")) if self.value.size else np.zeros(0)
        self.size = max(size, float(finite.max()) if finite.size else 0.0)

    def with_unit(self):
        unit = float(np.finfo(self.value.dtype).eps) if self.value.dtype.kind in "fc" else 2.0**-52
        return Term(self.text, self.value, max(self.rough, unit), self.size, self.zeros)


class Unfit(Exception):
    """A choice that gives no formula worth trying."""


def parsed(items):
    """What stands between brackets, item by item, for a program that is no Python."""
    def item(node):
        if isinstance(node, ast.Slice):
            bounds = [None if part is None else ast.literal_eval(part) for part in (node.lower, node.upper, node.step)]
            return {"slice": bounds}
        try:
            value = ast.literal_eval(node)
        except ValueError:
            return {"formula": ast.unparse(node)}
        if value is None:
            return {"word": "newaxis"}
        if value is ...:
            return {"word": "ellipsis"}
        if isinstance(value, list):
            return {"truths": value} if value and isinstance(value[0], bool) else {"positions": value}
        return {"position": value}
    tree = ast.parse(f"x[{items}]", mode="eval").body.slice
    return [item(node) for node in (tree.elts if isinstance(tree, ast.Tuple) else [tree])]


def axes_text(axes):
    return "(" + "".join(f"{axis}, " for axis in axes) + ")"


class Program:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.inputs, self.terms, self.steps, self.refused = {}, {}, [], []
        # Now and then arrays of several tiles.
        self.is_large = self.random.random() < 0.06
        self.most_elements = 12000 if self.is_large else 400
        self.names = {name: getattr(np, name) for name in dir(np) if not name.startswith("_")}
        self.names["norm"] = np.linalg.norm

    # Inputs

    def make_inputs(self):
        draw = self.random
        axes = draw.choice([0, 1, 1, 2, 2, 2, 3, 3, 4])
        extents = [0, 1, 2, 3, 4, 5, 6, 7, 9] if draw.random() < 0.3 else [2, 3, 4, 5, 6]
        self.shape = [draw.choice(extents) for _ in range(axes)]
        if self.is_large:
            self.shape = draw.choice([[5000], [2049], [70, 80], [3, 2100], [2100, 3], [17, 18, 19], [4096]])
        for name in "abcd"[: draw.randint(1, 4)]:
            shape = list(self.shape)
            if name != "a":
                shape = [1 if draw.random() < 0.15 else extent for extent in shape]
                if draw.random() < 0.25:
                    shape = shape[draw.randint(0, len(shape)):]
            self.inputs[name] = self.elements(shape, draw.choice(TYPES))
            self.terms[name] = Term(name, self.inputs[name])

    def elements(self, shape, dtype):
        numbers = np.random.default_rng(self.random.getrandbits(32))
        kind = np.dtype(dtype).kind
        if kind == "b":
            return numbers.integers(0, 2, shape).astype(bool)
        if kind == "u":
            return numbers.integers(0, 100, shape).astype(dtype)
        if kind == "i":
            return numbers.integers(-100, 100, shape).astype(dtype)
        values = numbers.integers(-400, 400, shape) / 8.0
        if kind == "c":
            values = values + 1j * (numbers.integers(-400, 400, shape) / 8.0)
        values = np.asarray(values).astype(dtype)
        if self.random.random() < 0.25 and values.size and kind == "f":
            flat = values.reshape(-1)
            for _ in range(self.random.randint(1, 4)):
                flat[self.random.randrange(flat.size)] = self.random.choice([np.nan, np.inf, -np.inf, -0.0, 0.0])
        return values

    # Terms

    def evaluate(self, text):
        scope = dict(self.names, **{name: term.value for name, term in self.terms.items()})
        try:
            value = np.asarray(eval(text, scope))
        except REFUSALS:
            self.refused.append(text)
            raise
        if value.size > self.most_elements:
            raise Unfit("large")
        return value

    def term(self, text, *parents, rough=False, size=0.0, zeros=False):
        value = self.evaluate(text)
        made = Term(
            text, value, max([0.0] + [p.rough for p in parents]), max([size] + [p.size for p in parents]),
            zeros or any(p.zeros for p in parents))
        if rough and value.dtype.kind in "fc":
            made = made.with_unit()
        if made.rough and not np.isfinite(made.size):
            raise Unfit("without bound")
        if made.rough and value.dtype.kind == "f" and made.size >= 0.5 * np.finfo(value.dtype).max:
            raise Unfit("near overflow")
        return made

    def leaf(self):
        draw = self.random
        if draw.random() < 0.88 or not self.shape:
            return self.terms[draw.choice(list(self.terms))]
        extent = self.shape[-1]
        return self.term(draw.choice([
            f"arange({extent})", f"ones({extent}, 'f4')", f"full(({extent},), {draw.choice(['2', '-1.5', 'True'])})",
            f"arange({extent}, 0, -1)", f"zeros({extent}, 'i2')", f"eye({extent})",
            f"linspace(0, {max(extent - 1, 0)}, {extent})"]))

    def tree(self, depth):
        for _ in range(40):
            try:
                if depth == 0:
                    return self.leaf()
                kind = self.random.choices(
                    [self.unary, self.binary, self.index, self.shaped, self.reduced, self.joined, self.cumulated,
                     self.product, self.chosen, self.cast, self.counted],
                    [14, 26, 22, 16, 14, 8, 4, 5, 7, 4, 1])[0]
                return kind(depth)
            except (Unfit, ZeroDivisionError, MemoryError, *REFUSALS):
                continue
        return self.leaf()

    def unary(self, depth):
        x = self.tree(depth - 1)
        if self.random.random() < 0.25 and x.value.dtype.kind in "biuf":
            name = self.random.choice(UNARY_SMOOTH)
            return self.term(f"{name}({x.text})", x, rough=True, size=1.0)
        name = self.random.choice(UNARY)
        kind = x.value.dtype.kind
        if x.rough and name not in ("negative", "absolute", "conjugate", "real", "imag", "positive", "isnan"):
            raise Unfit(name)
        if x.zeros and name in ZERO_SIGN_MATTERS | {"sqrt"}:
            raise Unfit(name)
        rough = kind == "c" and name in COMPLEX_ROUGH
        if name == "reciprocal" and kind in "iub":
            raise Unfit("of whole zeros NumPy's are undefined")
        size = x.size * x.size if rough and name == "square" else 0
        return self.term(f"{name}({x.text})", x, rough=rough, size=size)

    def number(self):
        return self.random.choice(["2", "3", "-1", "0", "1.5", "0.25", "True", "7", "-2.5"])

    def partner(self, x, depth):
        """A term that broadcasts with another."""
        draw = self.random
        if draw.random() < 0.2:
            text = self.number()
            return Term(text, eval(text))
        for _ in range(6):
            y = self.tree(depth - 1)
            if draw.random() < 0.1 and y.value.ndim:
                y = self.part(y)
            try:
                np.broadcast_shapes(x.value.shape, y.value.shape)
                return y
            except ValueError:
                continue
        return x if draw.random() < 0.5 else self.part(x, keeping=True)

    def part(self, x, keeping=False):
        """A view that broadcasts with its whole."""
        if x.value.ndim == 0:
            return x
        axis = self.random.randrange(x.value.ndim)
        if x.value.shape[axis] == 0:
            return x
        place = self.random.randrange(x.value.shape[axis])
        items = [":"] * x.value.ndim
        items[axis] = f"{place}:{place + 1}"
        return self.term(f"{x.text}[{', '.join(items)}]", x)

    def binary(self, depth):
        x = self.tree(depth - 1)
        y = self.partner(x, depth)
        if self.random.random() < 0.3:
            x, y = y, x
        if x.text in ("2", "3", "-1", "0", "1.5", "0.25", "True", "7", "-2.5") and y.text == x.text:
            raise Unfit("two numbers")
        name = self.random.choice(BINARY)
        if (x.rough or y.rough) and name not in ("add", "subtract", "multiply", "maximum", "minimum"):
            raise Unfit(name)
        if (x.zeros or y.zeros) and name in ZERO_SIGN_MATTERS:
            raise Unfit(name)
        kinds = {x.value.dtype.kind, y.value.dtype.kind}
        if "c" in kinds and name in ("maximum", "minimum", "fmax", "fmin"):
            raise Unfit("order of NaNs")
        if name in ("left_shift", "right_shift") and y.text not in ("2", "3"):
            raise Unfit("beyond the width")
        sizes = {"add": x.size + y.size, "subtract": x.size + y.size, "multiply": x.size * y.size}
        rough = name in ROUGH_BINARY or ("c" in kinds and name in COMPLEX_ROUGH)
        if "c" in kinds and name == "divide":
            raise Unfit("without bound")
        call = f"({x.text} {OPERATORS[name]} {y.text})" if name in OPERATORS and self.random.random() < 0.8 \
            else f"{name}({x.text}, {y.text})"
        if x.text.lstrip("-")[:1].isdigit() and y.text.lstrip("-")[:1].isdigit():
            raise Unfit("two numbers")
        rough = rough or bool(x.rough or y.rough)
        return self.term(
            call, x, y, rough=rough, size=sizes.get(name, 0) if rough else 0,
            zeros=name in ("maximum", "minimum", "fmax", "fmin"))

    # Indices

    def slice_text(self, extent):
        draw = self.random
        bound = lambda: "" if draw.random() < 0.35 else str(draw.randint(-extent - 2, extent + 2))
        step = draw.choice(["", "", ":", ":1", ":2", ":-1", ":-2", ":3", ":-3"])
        return f"{bound()}:{bound()}{step}"

    def mask_text(self, shape):
        if len(shape) == 1:
            truths = [self.random.random() < 0.5 for _ in range(shape[0])]
            return "[" + ", ".join(map(str, truths)) + "]" if truths else None
        return None

    def items_text(self, x, lists=True):
        """What may stand between the brackets of an array."""
        draw = self.random
        shape = x.value.shape
        if lists and draw.random() < 0.12 and x.value.ndim:
            masks = [name for name, term in self.terms.items() if term.value.shape == shape[: term.value.ndim]
                     and term.value.ndim and term.value.dtype.kind in "biuf" and not term.rough]
            if masks:
                mask = draw.choice(masks)
                if self.terms[mask].value.dtype == bool and draw.random() < 0.5:
                    text = mask
                else:
                    text = f"{mask} {draw.choice(['>', '<', '==', '>='])} {draw.choice(['0', '1', '3'])}"
                rest = [self.slice_text(e) for e in shape[self.terms[mask].value.ndim:]]
                return ", ".join([text] + rest[: draw.randint(0, len(rest))])
        items, axis = [], 0
        length = draw.randint(1, 3)
        ellipsis = draw.random() < 0.15 and len(shape) > 1
        count = draw.randint(0, len(shape))
        axes = list(range(count))
        if ellipsis:
            back = draw.randint(0, count)
            axes = list(range(count - back)) + [None] + list(range(len(shape) - back, len(shape)))
        for axis in axes:
            if draw.random() < 0.08:
                items.append("None")
            if axis is None:
                items.append("...")
                continue
            extent = shape[axis]
            choice = draw.random()
            if choice < 0.2 and extent:
                items.append(str(draw.randint(-extent, extent - 1)))
            elif choice < 0.3 and lists and extent:
                items.append(str([draw.randint(-extent, extent - 1) for _ in range(length)]))
            elif choice < 0.34 and lists and extent:
                items.append(self.mask_text([extent]))
            elif choice < 0.38 and lists and extent:
                wanted = [name for name, term in self.terms.items()
                          if term.value.dtype.kind in "iu" and term.value.ndim and term.value.size < 60]
                items.append(f"{draw.choice(wanted)} % {extent}" if wanted else ":")
            else:
                items.append(self.slice_text(extent))
        return ", ".join(items) or "..."

    def index(self, depth):
        x = self.tree(depth - 1)
        if not self.terms.get(x.text) and x.text[-1:].isdigit():
            raise Unfit("number")
        return self.term(f"{x.text}[{self.items_text(x)}]", x)

    # Shapes

    def shaped(self, depth):
        draw = self.random
        x = self.tree(depth - 1)
        n = x.value.ndim
        axis = draw.randint(-n, n - 1) if n else None
        t = x.text
        choices = [f"{t}.T", f"ravel({t})", f"squeeze({t})", f"expand_dims({t}, {draw.randint(-n - 1, n)})",
                   f"flip({t})", f"roll({t}, {draw.randint(-9, 9)})",
                   f"{t}.reshape({self.shape_of(x.value.size)})", f"reshape({t}, {self.shape_of(x.value.size)})",
                   f"tile({t}, {draw.choice(['2', '(2, 1)', '(1, 3)', '0', '(2, 1, 1, 2)'])})",
                   f"repeat({t}, {draw.randint(0, 3)})"]
        if n and x.value.size:
            order = list(range(n))
            draw.shuffle(order)
            pairs = tuple((draw.randint(0, 2), draw.randint(0, 2)) for _ in range(n))
            width = draw.choice([str(draw.randint(0, 3)), str((draw.randint(0, 2), draw.randint(0, 3))), str(pairs)])
            mode = draw.choice(["constant", "edge", "reflect", "symmetric", "wrap"])
            choices += [
                f"transpose({t}, {axes_text(order)})", f"{t}.transpose({axes_text(order)})",
                f"swapaxes({t}, {axis}, {draw.randint(-n, n - 1)})",
                f"moveaxis({t}, {axis}, {draw.randint(-n, n - 1)})",
                f"flip({t}, {axis})", f"roll({t}, {draw.randint(-9, 9)}, axis={axis})",
                f"roll({t}, ({draw.randint(-4, 4)}, {draw.randint(-4, 4)}), axis=({axis}, 0))",
                f"pad({t}, {width}, '{mode}')", f"pad({t}, {width}, constant_values={draw.choice(['1', '0'])})",
                f"broadcast_to({t}, {(draw.randint(0, 3),) + x.value.shape})",
                f"repeat({t}, {draw.randint(0, 3)}, axis={axis})", f"squeeze({t}, {axis})",
                f"take({t}, {[draw.randint(-9, 9) for _ in range(draw.randint(1, 4))]}, axis={axis}, "
                f"mode='{draw.choice(['wrap', 'clip', 'raise'])}')",
                f"compress({[draw.random() < 0.6 for _ in range(max(1, x.value.shape[axis]))]}, {t}, axis={axis})"]
            if n > 1:
                choices += [f"diagonal({t}, {draw.randint(-2, 2)})", f"diagonal({t}, 0, {axis}, 0)"]
        return self.term(draw.choice(choices), x)

    def shape_of(self, size):
        """A shape of so many elements, one of them perhaps left open."""
        draw = self.random
        if size == 0:
            return draw.choice(["(0,)", "(0, 3)", "(2, 0)"])
        shape = []
        rest = size
        while rest > 1 and len(shape) < 3:
            divisors = [d for d in range(1, rest + 1) if rest % d == 0]
            shape.append(draw.choice(divisors))
            rest //= shape[-1]
        if rest > 1 or not shape:
            shape.append(rest)
        if draw.random() < 0.3:
            shape[draw.randrange(len(shape))] = -1
        return axes_text(shape)

    def joined(self, depth):
        draw = self.random
        x = self.tree(depth - 1)
        n = x.value.ndim
        parts = [x]
        for _ in range(draw.randint(1, 2)):
            y = self.tree(depth - 1) if draw.random() < 0.5 else x
            if y.value.shape != x.value.shape:
                y = x
            parts.append(y)
        texts = ", ".join(part.text for part in parts)
        axis = draw.randint(-n, n - 1) if n else 0
        if draw.random() < 0.5 or n == 0:
            return self.term(f"stack(({texts}), axis={draw.randint(-n - 1, n)})", *parts)
        if draw.random() < 0.4:
            items = [":"] * (axis % n) + [self.slice_text(x.value.shape[axis])]
            parts[1] = self.term(f"{parts[1].text}[{', '.join(items)}]", parts[1])
            texts = ", ".join(part.text for part in parts)
        return self.term(f"concatenate(({texts}), axis={draw.choice([str(axis), 'None'])})", *parts)

    # Folds

    def reduced(self, depth):
        draw = self.random
        x = self.tree(depth - 1)
        n, kind = x.value.ndim, x.value.dtype.kind
        name = draw.choice(REDUCTIONS)
        if x.rough and name not in ("sum", "mean", "max", "min", "nansum", "nanmean"):
            raise Unfit(name)
        arguments = []
        axes = None
        if n and draw.random() < 0.75:
            axes = [draw.randint(-n, n - 1)]
            if draw.random() < 0.3 and n > 1 and name not in ("argmin", "argmax"):
                axes = draw.sample(range(n), draw.randint(0, n))
                arguments.append(f"axis={axes_text(axes)}")
            else:
                arguments.append(f"axis={axes[0]}")
        if draw.random() < 0.3:
            arguments.append("keepdims=True")
        if name in ("std", "var", "nanstd", "nanvar") and draw.random() < 0.4:
            arguments.append("ddof=1")
        if name in ("sum", "prod") and draw.random() < 0.2 and kind != "c":
            arguments.append(f"dtype='{draw.choice(['f8', 'f8', 'c16'] if kind == 'f' else ['i8', 'f8', 'i2', 'u1'])}'")
        if name in ("sum", "mean", "any", "all", "prod", "var") and draw.random() < 0.2:
            masks = [name for name, term in self.terms.items() if term.value.shape == x.value.shape
                     and term.value.dtype.kind in "biuf" and not term.rough]
            if masks:
                arguments.append(f"where={draw.choice(masks)} > 0")
        if name in ("sum", "prod", "max", "min") and draw.random() < 0.15 and kind in "iuf":
            arguments.append(f"initial={draw.choice(['1', '0', '3'])}")
        extremes = ("min", "max", "argmin", "argmax", "ptp", "nanmin", "nanmax")
        if axes is not None and x.value.size == 0 and name in extremes:
            raise Unfit("NumPy asks for elements even where there is no result to have them")
        count = max(1, x.value.size)
        exact = ("min", "max", "argmin", "argmax", "all", "any", "count_nonzero", "nanmin", "nanmax", "ptp")
        rough = kind in "fc" and name not in exact
        rough = rough or name in ("mean", "std", "var", "nanmean", "nanstd", "nanvar") or "'f8'" in "".join(arguments)
        size = x.size * count
        if "prod" in name and rough:
            size = (1 + x.size) ** min(count, 60)
            if size > 1e30 or (kind == "c" and x.value.size > 12):
                raise Unfit("a large product")
        if "var" in name:
            size = 4 * x.size * x.size
        if "std" in name:
            # The root of a difference of nearly equal numbers has half the digits.
            finite = x.value[np.isfinite(x.value)]
            if finite.size == 0 or kind == "c" or np.ptp(finite) == 0:
                raise Unfit("no spread")
            size = 64 * x.size * x.size
        if kind == "c" and name in ("min", "max", "ptp", "nanmin", "nanmax", "argmin", "argmax"):
            raise Unfit("order")
        if rough and np.isinf(x.value).any():
            raise Unfit("infinite on the way")
        if rough and x.value.dtype in ("f2", "f4", "c8") and size > 1e4:
            if x.value.dtype == np.float16:
                raise Unfit("near overflow")
        text = f"{x.text}.{name}({', '.join(arguments)})" if draw.random() < 0.5 and name not in (
            "ptp", "count_nonzero") and "nan" not in name else f"{name}({', '.join([x.text] + arguments)})"
        made = self.term(text, x, rough=rough, size=size, zeros=kind in "fc")
        if rough and x.value.dtype == np.float16:
            made.rough = max(made.rough, 2.0**-10)
        if rough and x.value.dtype in ("f4", "c8"):
            made.rough = max(made.rough, 2.0**-23)
        if rough and x.value.dtype in ("f2", "f4", "c8") and ("var" in name or "std" in name):
            made.rough *= 8
        return made

    def cumulated(self, depth):
        x = self.tree(depth - 1)
        name = self.random.choice(["cumsum", "cumsum", "cumprod"])
        kind = x.value.dtype.kind
        size = x.size * max(1, x.value.size)
        if name == "cumprod" and kind in "fc":
            size = (1 + x.size) ** min(x.value.size, 60)
        if kind in "fc" and (size > 1e30 or not np.isfinite(x.value).all() or x.value.dtype == np.float16):
            raise Unfit("large")
        axis = f", axis={self.random.randrange(x.value.ndim)}" if x.value.ndim and self.random.random() < 0.7 else ""
        return self.term(f"{name}({x.text}{axis})", x, rough=kind in "fc", size=size, zeros=kind in "fc")

    def product(self, depth):
        draw = self.random
        x = self.tree(depth - 1)
        y = self.tree(depth - 1)
        n = x.value.ndim
        if n == 0 or x.value.dtype == np.float16 or y.value.dtype == np.float16:
            raise Unfit("no axes")
        options = [f"outer({x.text}, {y.text})", f"({x.text} @ {y.text})", f"dot({x.text}, {y.text})",
                   f"inner({x.text}, {x.text})", f"tensordot({x.text}, {x.text}, {n})",
                   f"vdot({x.text}, {x.text})"]
        if n == 2:
            options += [f"({x.text} @ {x.text}.T)", f"({x.text}.T @ {x.text})", f"dot({x.text}, {x.text}[0])"]
        if n > 2:
            options += [f"({x.text} @ swapaxes({x.text}, -1, -2))"]
        kinds = x.value.dtype.kind + y.value.dtype.kind
        if not (np.isfinite(x.value).all() and np.isfinite(y.value).all()):
            raise Unfit("infinite")
        size = (1 + max(x.size, y.size)) ** 2 * max(x.value.size, y.value.size, 1)
        return self.term(draw.choice(options), x, y, rough=True, size=size, zeros="f" in kinds or "c" in kinds)

    def chosen(self, depth):
        condition = self.tree(depth - 1)
        x, y = self.partner(condition, depth), self.partner(condition, depth)
        if condition.rough:
            raise Unfit("rough")
        if self.random.random() < 0.25 and condition.value.dtype.kind != "c":
            low, high = self.random.choice([("-2", "3"), ("0", "1.5"), ("0", "9")])
            return self.term(f"clip({condition.text}, {low}, {high})", condition, zeros=True)
        if self.random.random() < 0.1 and condition.value.ndim:
            name = self.random.choice(["argwhere", "flatnonzero"])
            return self.term(f"{name}({condition.text})", condition)
        if x.text.lstrip("-")[0].isdigit() or y.text.lstrip("-")[0].isdigit():
            # NumPy wraps numbers that do not fit the other's type.
            if not {x.value.dtype.kind, y.value.dtype.kind} <= {"f", "b"}:
                raise Unfit("wrapping")
        return self.term(f"where({condition.text}, {x.text}, {y.text})", condition, x, y)

    def cast(self, depth):
        x = self.tree(depth - 1)
        dtype = self.random.choice(TYPES)
        kind = np.dtype(dtype).kind
        if x.rough:
            if kind not in "fc" or x.value.dtype.kind == "c" and kind != "c" or dtype == "f2":
                raise Unfit("rough")
        if x.value.dtype.kind in "fc" and kind in "iu":
            if kind == "u" or x.size > 100 or not np.isfinite(x.value).all():
                raise Unfit("undefined")
        return self.term(f"{x.text}.astype('{dtype}')", x, rough=bool(x.rough))

    def counted(self, depth):
        x = self.tree(depth - 1)
        if x.rough:
            raise Unfit("rough")
        if x.value.dtype.kind in "ub" and x.value.dtype.itemsize < 8 and x.size < 200 and x.value.size:
            return self.term(f"bincount(ravel({x.text}))", x)
        raise Unfit("no counts")

    # Steps

    def result(self, name, term):
        """Keeps a term under a name."""
        self.terms[name] = Term(name, term.value, term.rough, term.size, term.zeros)

    def step(self, number):
        draw = self.random
        name = f"t{number}"
        kind = draw.random()
        if kind < 0.7 or not self.terms:
            term = self.tree(draw.randint(1, 3 if self.is_large else 5))
            if term.text in self.terms:
                nothing = "| False" if term.value.dtype.kind == "b" else "+ 0"
                term = self.term(f"({term.text} {nothing})", term)
            self.steps.append({"name": name, "kind": "formula", "formula": term.text})
            self.result(name, term)
            return
        base = draw.choice(list(self.terms))
        term = self.terms[base]
        if kind < 0.84:
            for _ in range(20):
                try:
                    items = self.items_text(term)
                    target = np.array(term.value)
                    scope = dict(self.names, **{n: t.value for n, t in self.terms.items()})
                    view = eval(f"target[{items}]", dict(scope, target=target))
                    value = self.assignable(term, view)
                    exec(f"target[{items}] = {value.text}", dict(scope, target=target))
                except (Unfit, *REFUSALS):
                    continue
                self.steps.append({
                    "name": name, "base": base, "kind": "assigned", "index": parsed(items), "text": items,
                    "formula": value.text})
                made = Term(name, target, max(term.rough, value.rough), max(term.size, value.size),
                            term.zeros or value.zeros)
                self.result(name, made)
                return
        self.steps.append({"name": name, "base": base, "kind": draw.choice(["blocks", "dealt", "stored"])})
        self.result(name, term)

    def assignable(self, base, view):
        draw = self.random
        if draw.random() < 0.4:
            text = draw.choice(["0", "1", "7", "True"])
            return Term(text, eval(text))
        for _ in range(20):
            value = self.tree(draw.randint(0, 2))
            if value.value.ndim and draw.random() < 0.5:
                value = self.part(value)
            try:
                if np.broadcast_shapes(value.value.shape, view.shape) != view.shape:
                    continue
            except ValueError:
                continue
            if value.value.dtype.kind in "fc" and base.value.dtype.kind in "iub":
                continue
            if value.value.dtype.kind == "c" and base.value.dtype.kind != "c":
                continue
            if value.rough and base.value.dtype == np.float16:
                continue
            return value
        raise Unfit("nothing to assign")

    def run(self):
        self.make_inputs()
        for number in range(self.random.randint(1, 4)):
            self.step(number)
        made = [step["name"] for step in self.steps]
        count = self.random.randint(1, len(made))
        self.results = sorted(set(self.random.sample(made, count)) | {made[-1]})
        # The shortest ones name the mistake; in longer ones it may be of a part.
        self.refused = sorted(set(self.refused), key=lambda text: (len(text), text))[:2]


def chunks(shape, draw):
    return [max(1, draw.randint(1, extent)) if extent else 1 for extent in shape]


def programs(seed, count):
    for case in range(count):
        program = Program(f"{seed}/{case}")
        program.run()
        yield case, program


def make(folder, seed, count):
    cases = []
    for case, program in programs(seed, count):
        for name, array in program.inputs.items():
            np.save(f"{folder}/{case}.{name}.npy", array)
        cases.append({
            "case": case, "seed": program.random.getrandbits(32),
            "inputs": [{"name": n, "chunks": chunks(a.shape, program.random)} for n, a in program.inputs.items()],
            "steps": program.steps, "results": program.results, "refused": program.refused})
    with open(f"{folder}/cases.json", "w") as file:
        json.dump({"seed": seed, "cases": cases}, file)


def difference(found, term):
    """What differs, or None."""
    expected = term.value
    if found.dtype != expected.dtype or found.shape != expected.shape:
        return f"{found.dtype} {found.shape}, NumPy: {expected.dtype} {expected.shape}"
    if expected.dtype.kind not in "fc":
        return None if np.array_equal(found, expected) else f"\n{found}\nNumPy:\n{expected}"
    with np.errstate(all="ignore"):
        parts = [(found, expected)]
        if expected.dtype.kind == "c":
            parts = [(found.real, expected.real), (found.imag, expected.imag)]
        for f, e in parts:
            nan = np.isnan(e)
            equal = (f == e) | (nan & np.isnan(f))
            if not term.zeros:
                equal &= nan | (e != 0) | (np.signbit(f) == np.signbit(e)) | bool(term.rough)
            if term.rough:
                equal |= np.abs(f.astype("f8") - e.astype("f8")) <= ROUNDINGS * term.rough * term.size
            if not equal.all():
                return f"\n{found}\nNumPy:\n{expected}"
    return None


def records(path):
    """The arrays (or refusals, as text) that a run left, by case and name."""
    found = {}
    with open(path, "rb") as file:
        while line := file.readline():
            case, name, kind, shape, length = line.decode().split()
            data = file.read(int(length))
            extents = [int(extent) for extent in shape.split(",")] if shape != "-" else []
            array = data.decode() if kind == "refused" else np.frombuffer(data, kind).reshape(extents)
            found[int(case), name] = array
    return found


def check(folder, path):
    with open(f"{folder}/cases.json") as file:
        described = json.load(file)
    results = records(path)
    failures = 0
    for case, program in programs(described["seed"], len(described["cases"])):
        problems = []
        for name in program.results:
            found = results.get((case, name), results.get((case, "-"), "no result"))
            problem = found if isinstance(found, str) else difference(found, program.terms[name])
            if problem:
                problems.append(f"{name}: {problem}")
        for number, formula in enumerate(program.refused):
            if results.get((case, f"refused{number}")) is None:
                problems.append(f"{formula}: not refused, as by NumPy")
        if problems:
            failures += 1
            print(f"case {case} of seed {described['seed']}")
            for name, array in program.inputs.items():
                print(f"  {name}: {array.dtype} {array.shape}")
            for step in program.steps:
                shown = [key for key in ("name", "kind", "base", "text", "formula") if key in step]
                print("  " + ", ".join(f"{key} {step[key]}" for key in shown))
            print("  " + "\n  ".join(problems))
    count = len(described["cases"])
    print(f"{count - failures} of {count} programs as by NumPy, {len(results)} arrays")
    return failures == 0 and len(results) > 0


if __name__ == "__main__":
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    if sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    elif not check(*sys.argv[2:]):
        sys.exit(1)
