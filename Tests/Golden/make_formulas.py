"""Writes formulas.json: expressions with the tree that Python's own parser gives them, and expressions to be refused.

`trees` holds pairs of a text and its tree in a neutral form; `refused` holds texts that Python refuses, or that use
what formulas do not have (`and`, chained comparisons, comprehensions, ...). Beside the chosen texts there are random
ones, and random ones with a few damaged characters. Run with Python 3.11 or newer: python3 make_formulas.py
"""
import ast
import json
import pathlib
import random
import struct
import warnings

warnings.simplefilter("ignore")
operators = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.MatMult: "@",
    ast.Pow: "**", ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitXor: "^", ast.BitOr: "|",
    ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=", ast.GtE: ">=", ast.Gt: ">",
    ast.UAdd: "+", ast.USub: "-", ast.Invert: "~",
}


class Refused(Exception):
    """The expression is Python's, but no formula."""


def bits(value):
    return struct.pack(">d", value).hex()


def constant(value):
    if value is None or value is True or value is False:
        return str(value)
    if value is Ellipsis:
        return "..."
    if isinstance(value, int):
        if value >= 2**127:
            raise Refused
        return str(value)
    if isinstance(value, float):
        return f"(float {bits(value)})"
    if isinstance(value, complex):
        return f"(imaginary {bits(value.imag)})"
    if isinstance(value, str):
        return f"(string {value})"
    raise Refused


def group(*parts):
    return f"({' '.join(parts)})"


def tree(node):
    match node:
        case ast.Constant(value):
            return constant(value)
        case ast.Name("newaxis"):
            return "None"
        case ast.Name(name):
            return name
        case ast.Attribute(base, name):
            if tree(base) in ("np", "numpy"):
                return "None" if name == "newaxis" else name
            return group("attribute", tree(base), name)
        case ast.UnaryOp(operator, operand):
            if type(operator) not in operators:
                raise Refused
            return group(operators[type(operator)], tree(operand))
        case ast.BinOp(left, operator, right):
            return group(operators[type(operator)], tree(left), tree(right))
        case ast.Compare(left, [operator], [right]):
            if type(operator) not in operators:
                raise Refused
            return group(operators[type(operator)], tree(left), tree(right))
        case ast.Tuple(elements):
            return group("tuple", *map(tree, elements))
        case ast.List(elements):
            return group("list", *map(tree, elements))
        case ast.Call(callee, arguments, keywords):
            names = [keyword.arg for keyword in keywords]
            if None in names or len(set(names)) < len(names):
                raise Refused
            # Python warns of a call of a number, and formulas refuse every call but of a name.
            if tree(callee) == "None" or not isinstance(callee, (ast.Name, ast.Attribute)):
                raise Refused
            named = [group("=", keyword.arg, tree(keyword.value)) for keyword in keywords]
            return group("call", tree(callee), *map(tree, arguments), *named)
        case ast.Subscript(base, items):
            # x[1, 2] and x[(1, 2)] are one thing in Python, too.
            items = items.elts if isinstance(items, ast.Tuple) else [items]
            return group("subscript", tree(base), *map(tree, items))
        case ast.Slice(start, stop, step):
            return group("slice", *("_" if part is None else tree(part) for part in (start, stop, step)))
    raise Refused


def parse(text):
    """The tree of `text`, or None when it is to be refused."""
    try:
        # Python takes blanks at the beginning for indentation.
        text = text.strip(" ")
        body = ast.parse(text, mode="eval").body
        if isinstance(body, ast.Tuple):
            # A tuple without parentheses becomes several arguments.
            call = ast.parse(f"f({text})", mode="eval").body
            if len(call.args) != 1 or not isinstance(call.args[0], ast.Tuple):
                return None
        return tree(body)
    except (SyntaxError, ValueError, Refused):
        return None


chosen = """
a|a + b|a+b*c|(a+b)*c|a-b-c|a-(b-c)|a/b/c|a//b%c|a@b@c|a@b*c|a*b@c|-a**2|(-a)**2|a**-b|a**b**c|(a**b)**c
2**-1**2|-2**-2
~a&b|~a**b|-~+a|--a|- - a|+-~a|a<<b+c|(a<<b)+c|a<<b<<c|a>>b&c|a&b|c^d|a^b&c|a|b^c|a&b<c|(a&b)<c|a&(b<c)
a<b|a<=b|a==b
a!=b|a>=b|a>b|a+b<c*d|(a<b)==c|a<(b<c)|(a>0)&(b<1)|a==b&c|-a<b|a<-b|sin(a)*b + sqrt(abs(c))|mean(x, axis=0)
mean(x,axis=(0,1),)|x[::2, -1]|where(x > 0, x, nan)|where(x>0,x,np.nan)|np.sin(x)|numpy.sin(x)
np.linalg.norm(x)
np.newaxis|numpy.pi|x[np.newaxis]|x[np.newaxis, :]|x.np.sin|np.float32(1)|np|(np).sin|np . sin(x)
x.mean(axis=0)
x.T|x.T.real|x.T[0].imag|x.mean().std(ddof=1)|x.shape[0]|x.astype('f4')|x.astype("<f8")
x.astype(dtype='f4')|f('')|'it"s'
"it's"|f()|f(a)|f(a,)|f(a, b)|f(a, b=c)|f(b=c)|f(b=c,)|f(a, b = c, d=e)|f(a=(1,2))|f(a=b==c)|f(a==b)
f(newaxis=1)
f(g(h(x)))|f((a, b))|f((a), (b))|(f)(x)|((f))(x)|x.f(y)(z)|x[0]|x[-1]|x[0][1]|x[0, 1]|x[(0, 1)]
x[(0, 1),]|x[0,]|x[()]
x[(),]|x[[0, 1]]|x[[0, 1], :]|x[...]|x[..., 0]|x[0, ..., ::2]|x[:]|x[::]|x[1:]|x[:1]|x[1:2]|x[1::]
x[:1:]|x[::1]|x[1:2:3]
x[1::3]|x[:2:3]|x[a+1:b*2:-c]|x[::-1]|x[x > 0]|x[mask & (y < 1)]|x[None]|x[None, :]|x[newaxis, ...]
x[:, None, 0:n-1]
x[y[z[0]]]|x[f(a, b=1)]|x[(a)]|x[((a))]|x[((a, b))]|x [ 1 : 2 ]|x[ ( 1 ) : ( 2 ) ]|x[1:2,]|(x)[0]
(a+b)[0]|[1, 2][0]
()|(1,)|(1, 2)|(1, 2,)|((1, 2), 3)|(1)|((1))|[]|[1]|[1,]|[1, 2]|[[1, 2], [3, 4]]|[(1,), ()]|(a, b)|(a+b, c)
0|00|0_0|1|42|1_000|123456789012345678901234567890|170141183460469231731687303715884105727|0x0|0xff|0XFF
0xFf_Aa|0x_f
0b101|0B1_0|0b_1|0o17|0O7_7|0x7fffffffffffffffffffffffffffffff|1.|.5|1.5|0.1|1e3|1E3|1e+3|1e-3|1.e3|.5e3
1_0.0_1e1_0
012.5|012e1|00.5|1e999|1e-999|5e-324|2.2250738585072014e-308|1.7976931348623157e308|0.1e1|123456789.123456789
9007199254740993.0|0.30000000000000004|2j|2J|0j|1.5j|.5j|1.j|1e3j|012j|1_0j|1e-3J|True|False|None|...
f(...)|f(None)
1+2j|-1|+1|~1|-1.5|1 .real|(1).real|1.0.real|1..real|2j.imag|1.5.real|-1 .real|True.real|"a".b|x._y|_|_1
a1|aB_c
 a|a | a + b |é|größe + 1|ρ*v**2|变量|a²|α.mean(axis=0)|-x**-y**-z|a if b else c|a and b|a or b|not a
not(a)|a is b|a in b|a not in b
a<b<c|a<b<=c|a<b&c<d|a==b==c|a<b|c<d|a!=b<c|(a<b<c)|f(a<b<c)|lambda x: x|lambda: 0|[i for i in x]
{i for i in x}|(i for i in x)
f(i for i in x)|{1, 2}|{}|{'a': 1}|f(*a)|f(**a)|[*a]|(*a,)|x[*a]|a := b|(a := b)|f(a := b)|await x|yield
a, b|a,|(a), b|f'a'
b'a'|r'a'|u'a'|rb'a'|'a' 'b'|'''a'''|'a|'|"|'a"|f(a=1, b)|f(a=1, a=2)|f(a=1, *b)|f(,)|f(a,,b)|f(a b)
f(a=)|f(=a)|f(1=2)
f(True=1)|f(None=1)|f(x.y=1)|f((a)=1)|f(a+b=1)|x[]|x[,]|x[1,,2]|x[1:2:3:4]|x[1 2]|x[|x]|(|)|[|]|(a|a)|[a
a]|(a]|[a)|f(a]|x[a)
(1:2)|[1:2]|f(1:2)|1:2|x[(1:2)]|x[(1:2, 3)]|a b|a 1|1 a|2x|2(x)|2.5(x)|(a+b)(c)|f(x)(y)|x[0](y)|'a'(b)
True(1)|012|0123|09
1__0|1_|_1_|1_000_|0x|0b|0o|0xg|0b2|0o8|0b12|0x_|0x__f|1e|1e+|1e-|1.5e|1ex|1.x|1.real|1_.5|1._5|1e_5
1e5_|0_1|0xfp1|1jj|1j2|12abc
170141183460469231731687303715884105728|0x80000000000000000000000000000000
99999999999999999999999999999999999999999
x.|x.1|.x|x..y|x.(y)|x.[0]|x.if|x.None|x.True|..|.|....|a...|1...|... a|+|-|~|*|/|a+|a*|a**|a<|a&|*a|/a
**a|<a|a***b|a<>b|a&&b|a||b
a=b|a=|=a|a+=b|a!b|!a|a===b|a=<b|a=>b|a->b|a;b|a?b|$a|a$|`a`|a\\b|a#b|#|@|@a|:|,|;|a:b|if|None None
class|import os|del a
x.y z|a.b.c d|x[0]y|(a)b|(a)(b)(c)|None(1)|...(1)|np.None|np.1|np.|np..sin|−1|a×b|a÷b|a≤b|“a”|a b|²|a·b
"""

names = ["a", "b", "x", "y_1", "np.pi", "numpy.e", "newaxis", "True", "None"]
literals = ["0", "1", "17", "2.5", ".5", "1e-3", "3.", "2j", "0x1f", "'f4'", '"i8"', "..."]
binary = ["+", "-", "*", "/", "//", "%", "@", "**", "**", "<<", ">>", "&", "^", "|", "<", "<=", "==", "!=", ">=", ">"]
generator = random.Random(20240517)


def some(options):
    return generator.choice(options)


def blank():
    return some(["", "", " ", "  "])


def expression(depth):
    if depth == 0 or generator.random() < 0.15:
        return some(names) if generator.random() < 0.6 else some(literals)
    kind = generator.random()
    part = lambda: expression(depth - 1)
    if kind < 0.5:
        return part() + blank() + some(binary) + blank() + part()
    if kind < 0.62:
        return some(["-", "+", "~"]) + blank() + part()
    if kind < 0.74:
        return f"({blank()}{part()}{blank()})"
    if kind < 0.80:
        return f"{some(['sin', 'np.max', 'x.mean', '(a + b).sum'])}({part()})"
    if kind < 0.86:
        return f"where({part()}, axis={part()},{blank()}k = {part()})"
    if kind < 0.90:
        return f"({part()},{part()})" if generator.random() < 0.6 else f"[{part()}]"
    if kind < 0.93:
        return f"({part()}).T"
    return f"x[{part()}{some([':', ',', '::', ' : 2, '])}{part()}]"


def damaged(text):
    characters = list(text)
    for _ in range(generator.randint(1, 2)):
        place = generator.randrange(len(characters) + 1)
        action = generator.random()
        if action < 0.4:
            del characters[place:place + 1]
        elif action < 0.8:
            characters.insert(place, some("()[],.:=+-*/%@&|^~<>!_ 01e.jx"))
        else:
            characters[place:place] = characters[generator.randrange(len(characters) + 1):][:3]
    return "".join(characters)


texts = []
for block in chosen.strip("\n").split("\n"):
    texts += block.split("|")
# The bar is an operator, too; and line breaks inside brackets are blanks.
texts += ["a|b", "a|b|c", "a | b ^ c & d", "a&b|c", "(a>0)|(b<1)", "a|b<c", "a<b|c<d", "a||b", "a|", "|a"]
texts += ["(\na\n+\tb)", "f(\n a,\r\n b=1\n)", "(" * 100 + "a" + ")" * 100, "-" * 100 + "a", "+".join(["a"] * 300)]
texts += ["f(" * 60 + "x[" * 39 + "0" + "]" * 39 + ")" * 60]
while len(texts) < 1100:
    text = expression(generator.randint(2, 4))
    if len(text) > 120:
        continue
    texts.append(text)
    worse = damaged(text)
    # Python joins neighbouring strings silently, and knows more kinds of them.
    if "'" not in worse and '"' not in worse:
        texts.append(worse)
# Strings of other kinds, and comments, leave no trace in Python's tree.
traceless = {"'a' 'b'", "'''a'''", "u'a'", "r'a'", "a#b"}
trees, refused = [], []
for text in dict.fromkeys(texts):
    found = None if text in traceless else parse(text)
    if found is None:
        refused.append(text)
    else:
        trees.append([text, found])
lines = ",\n".join(json.dumps(pair, ensure_ascii=False) for pair in trees)
refusals = ",\n".join(json.dumps(text, ensure_ascii=False) for text in refused)
path = pathlib.Path(__file__).with_name("formulas.json")
path.write_text('{"trees": [\n' + lines + '\n], "refused": [\n' + refusals + "\n]}\n")
print(len(trees), "trees,", len(refused), "refused")
