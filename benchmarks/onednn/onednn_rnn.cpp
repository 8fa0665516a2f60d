// One training update of oneDNN's own recurrent primitives (forward for training, backward, weight reorders), the strongest
// native library for recurrent layers on a CPU. The layer alone: no head, cost, clipping or step, so it has less to do than an
// update of ours. Built and started by benchmarks/onednn/build; Unroll.Benchmarks --onednn PROGRAM takes turns with it.
//   onednn_rnn plain|lstm|gru H B T I    then a number of updates a line on standard input, answered by their times in ms
#include <oneapi/dnnl/dnnl.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_map>
using namespace dnnl;
using tag = memory::format_tag;
using Args = std::unordered_map<int, memory>;

static float* data(memory& m) { return static_cast<float*>(m.get_data_handle()); }
static size_t count(memory& m) { return m.get_desc().get_size() / sizeof(float); }
static void fill(memory& m, float a) { for (size_t i = 0; i < count(m); i++) data(m)[i] = a * std::sin(0.7f * i); }

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  std::string cell = argv[1];
  int H = atoi(argv[2]), B = atoi(argv[3]), T = atoi(argv[4]), I = atoi(argv[5]);
  int G = cell == "plain" ? 1 : cell == "lstm" ? 4 : 3, biases = cell == "gru" ? 4 : G;
  engine e(engine::kind::cpu, 0);
  stream s(e);
  auto md = [&](memory::dims d, tag t) { return memory::desc(d, memory::data_type::f32, t); };
  auto x = md({T, B, I}, tag::tnc), h = md({T, B, H}, tag::tnc), hi = md({1, 1, B, H}, tag::ldnc);
  auto b = md({1, 1, biases, H}, tag::ldgo), wx = md({1, 1, I, G, H}, tag::any), wh = md({1, 1, H, G, H}, tag::any);
  auto left = rnn_direction::unidirectional_left2right;
  primitive forward, backward;
  memory::desc space, wxf, whf, wxb, whb, dwx, dwh;
  auto take = [&](auto& f, auto& g) {
    space = f.workspace_desc(), wxf = f.weights_layer_desc(), whf = f.weights_iter_desc();
    wxb = g.weights_layer_desc(), whb = g.weights_iter_desc(), dwx = g.diff_weights_layer_desc(), dwh = g.diff_weights_iter_desc();
  };
  if (cell == "plain") {
    vanilla_rnn_forward::primitive_desc f(e, prop_kind::forward_training, algorithm::eltwise_tanh, left, x, hi, wx, wh, b, h, hi);
    vanilla_rnn_backward::primitive_desc g(e, prop_kind::backward, algorithm::eltwise_tanh, left, x, hi, wx, wh, b, h, hi, x, hi, wx, wh, b, h, hi, f);
    take(f, g), forward = vanilla_rnn_forward(f), backward = vanilla_rnn_backward(g);
  } else if (cell == "lstm") {
    lstm_forward::primitive_desc f(e, prop_kind::forward_training, left, x, hi, hi, wx, wh, b, h, hi, hi);
    lstm_backward::primitive_desc g(e, prop_kind::backward, left, x, hi, hi, wx, wh, b, h, hi, hi, x, hi, hi, wx, wh, b, h, hi, hi, f);
    take(f, g), forward = lstm_forward(f), backward = lstm_backward(g);
  } else { // PyTorch's form, r on the product: "linear before reset"
    lbr_gru_forward::primitive_desc f(e, prop_kind::forward_training, left, x, hi, wx, wh, b, h, hi);
    lbr_gru_backward::primitive_desc g(e, prop_kind::backward, left, x, hi, wx, wh, b, h, hi, x, hi, wx, wh, b, h, hi, f);
    take(f, g), forward = lbr_gru_forward(f), backward = lbr_gru_backward(g);
  }

  memory X(x, e), S(hi, e), C(hi, e), bias(b, e), out(h, e), SL(hi, e), CL(hi, e), ws(space, e);
  memory WX(md({1, 1, I, G, H}, tag::ldigo), e), WH(md({1, 1, H, G, H}, tag::ldigo), e), WXf(wxf, e), WHf(whf, e), WXb(wxb, e), WHb(whb, e);
  memory dX(x, e), dS(hi, e), dC(hi, e), dB(b, e), dOut(h, e), dSL(hi, e), dCL(hi, e), dWX(dwx, e), dWH(dwh, e);
  fill(X, 1), fill(S, 0), fill(C, 0), fill(bias, .01f), fill(WX, .1f), fill(WH, 1 / std::sqrt((float)H)), fill(dOut, .001f), fill(dSL, 0), fill(dCL, 0);
  reorder r1(WX, WXf), r2(WH, WHf), r3(WX, WXb), r4(WH, WHb);
  Args common = {{DNNL_ARG_SRC_LAYER, X}, {DNNL_ARG_SRC_ITER, S}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST_LAYER, out}, {DNNL_ARG_DST_ITER, SL}, {DNNL_ARG_WORKSPACE, ws}};
  if (cell == "lstm") common.insert({{DNNL_ARG_SRC_ITER_C, C}, {DNNL_ARG_DST_ITER_C, CL}});
  Args f = common, g = common;
  f.insert({{DNNL_ARG_WEIGHTS_LAYER, WXf}, {DNNL_ARG_WEIGHTS_ITER, WHf}});
  g.insert({{DNNL_ARG_WEIGHTS_LAYER, WXb}, {DNNL_ARG_WEIGHTS_ITER, WHb}, {DNNL_ARG_DIFF_SRC_LAYER, dX}, {DNNL_ARG_DIFF_SRC_ITER, dS},
    {DNNL_ARG_DIFF_WEIGHTS_LAYER, dWX}, {DNNL_ARG_DIFF_WEIGHTS_ITER, dWH}, {DNNL_ARG_DIFF_BIAS, dB}, {DNNL_ARG_DIFF_DST_LAYER, dOut}, {DNNL_ARG_DIFF_DST_ITER, dSL}});
  if (cell == "lstm") g.insert({{DNNL_ARG_DIFF_SRC_ITER_C, dC}, {DNNL_ARG_DIFF_DST_ITER_C, dCL}});

  for (int updates; scanf("%d", &updates) == 1;) {
    for (int i = 0; i < updates; i++) {
      auto start = std::chrono::steady_clock::now();
      r1.execute(s, WX, WXf), r2.execute(s, WH, WHf), r3.execute(s, WX, WXb), r4.execute(s, WH, WHb);
      forward.execute(s, f);
      std::fill_n(data(dWX), count(dWX), 0.f), std::fill_n(data(dWH), count(dWH), 0.f), std::fill_n(data(dB), count(dB), 0.f);
      backward.execute(s, g);
      s.wait();
      printf("%.6f ", std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    printf("\n");
    fflush(stdout);
  }
}
